using System.Globalization;
using System.Text;
using System.Text.Json;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Tensors;

namespace Actors.Runtime.Training;

/// <summary>A block's values with both moments of its optimizer.</summary>
/// <param name="Block">The values.</param>
/// <param name="First">First moment, of the same shape.</param>
/// <param name="Second">Second moment, of the same shape.</param>
public sealed record TrainedBlock(ParameterBlock Block, Tensor First, Tensor Second)
{
    /// <summary>A block and its moments in <paramref name="optimizer"/>.</summary>
    public static TrainedBlock Of(AdamWOptimizer optimizer, ParameterBlock block)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return new TrainedBlock(block, optimizer.FirstMoment[block], optimizer.SecondMoment[block]);
    }
}

/// <summary>
/// Checkpoints of a training run: a folder a step, <c>step-00000100</c>, with the model in the hub's layout, the moments in
/// <c>optimizer</c> and the step's number in <c>training.json</c>. A folder is written beside and renamed when it is whole,
/// so a torn one is never loaded. Placement plays no part: any run of the same model can go on from it.
/// </summary>
public static class TrainingCheckpoint
{
    private const string StepPrefix = "step-";
    private const string StateFile = "training.json";
    private const string OptimizerFolder = "optimizer";
    private const string FirstPrefix = "first.";
    private const string SecondPrefix = "second.";
    private const string Unfinished = ".tmp";
    private const int Kept = 2;

    /// <summary>Writes a checkpoint below <paramref name="root"/>, keeps the one before it and removes older ones.</summary>
    /// <returns>Its folder.</returns>
    /// <exception cref="CheckpointException">The disk refuses; no earlier checkpoint is touched.</exception>
    public static string Save(
        string root, int step, HubConfig config, IStream stream, ModelWeights weights, IReadOnlyList<TrainedBlock> moments)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        string folder = Path.Combine(root, StepPrefix + step.ToString("D8", CultureInfo.InvariantCulture));
        string beside = folder + Unfinished;
        try
        {
            Directory.CreateDirectory(root);
            RemoveUnfinished(root);
            Directory.CreateDirectory(beside);
            config.WithFloat32().Write(Path.Combine(beside, HubConfig.FileName));
            using (CheckpointWriter writer = CheckpointWriter.Create(beside, ModelCheckpoint.Tensors(weights.Config)))
            {
                ModelCheckpoint.Save(stream, writer, weights);
                writer.Commit();
            }

            SaveMoments(Path.Combine(beside, OptimizerFolder), stream, weights, moments);
            WriteState(Path.Combine(beside, StateFile), step, Steps(root).Select(SaveNumber).DefaultIfEmpty().Max() + 1);
            Replace(folder, beside);
            RemoveOld(root);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CheckpointException)
        {
            TryDelete(beside);
            string reason = (failure as CheckpointException)?.Message ?? failure.Message.TrimEnd('.');
            throw new CheckpointException(
                folder, $"cannot be written: {reason}; earlier checkpoints are untouched: make room, or name another folder with --out", failure.InnerException ?? failure);
        }

        return folder;
    }

    /// <summary>The folder that a run which goes on from <paramref name="folder"/> writes to: where the checkpoint itself lies.</summary>
    public static string RootOf(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return Path.GetFileName(full).StartsWith(StepPrefix, StringComparison.Ordinal) && File.Exists(Path.Combine(full, StateFile))
            ? Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) is { Length: > 0 } parent ? parent : Path.GetDirectoryName(full)!
            : folder;
    }

    /// <summary>
    /// The folder that holds a model: <paramref name="folder"/> itself, or the newest checkpoint below it.
    /// </summary>
    /// <exception cref="CheckpointException">There is neither.</exception>
    public static string Resolve(string folder)
    {
        if (File.Exists(Path.Combine(folder, HubConfig.FileName)))
        {
            return folder;
        }

        return Steps(folder).LastOrDefault()
            ?? throw new CheckpointException(folder, $"holds neither {HubConfig.FileName} nor a checkpoint {StepPrefix}N; name a model's folder, or one that train wrote to");
    }

    /// <summary>Loads what <see cref="Save"/> wrote.</summary>
    /// <returns>Steps that the run has behind it.</returns>
    /// <exception cref="CheckpointException">Something is missing, torn or of another model; it is named.</exception>
    public static int Load(string folder, IStream stream, ModelWeights weights, IReadOnlyList<TrainedBlock> moments)
    {
        ArgumentNullException.ThrowIfNull(weights);
        string state = Path.Combine(folder, StateFile);
        if (!File.Exists(state))
        {
            throw new CheckpointException(folder, $"has no {StateFile}: it is a model, not a checkpoint of a training run; start from it with --set actors.model.path={folder}");
        }

        int step = ReadStep(state);
        LoadModel(folder, stream, weights);
        using CheckpointReader reader = CheckpointReader.Open(Path.Combine(folder, OptimizerFolder));
        Dictionary<ParameterBlock, TrainedBlock> byBlock = moments.ToDictionary(moment => moment.Block);
        IEnumerable<ParameterBlock> blocks = moments.Select(moment => moment.Block);
        ModelCheckpoint.Load(stream, reader, blocks, block => byBlock[block].First, FirstPrefix);
        ModelCheckpoint.Load(stream, reader, blocks, block => byBlock[block].Second, SecondPrefix);
        return step;
    }

    /// <summary>Loads a model in the hub's layout.</summary>
    /// <exception cref="CheckpointException">A tensor is missing, extra or of another shape; it is named.</exception>
    public static void LoadModel(string folder, IStream stream, ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        using CheckpointReader reader = CheckpointReader.Open(folder);
        ModelCheckpoint.Check(reader, weights.Config);
        ModelCheckpoint.Load(stream, reader, weights);
    }

    private static void SaveMoments(string folder, IStream stream, ModelWeights weights, IReadOnlyList<TrainedBlock> moments)
    {
        Dictionary<ParameterBlock, TrainedBlock> byBlock = moments.ToDictionary(moment => moment.Block);
        IReadOnlyList<SafetensorsTensor> tensors =
        [
            .. ModelCheckpoint.Tensors(weights.Config, FirstPrefix, trainedOnly: true),
            .. ModelCheckpoint.Tensors(weights.Config, SecondPrefix, trainedOnly: true),
        ];
        using CheckpointWriter writer = CheckpointWriter.Create(folder, tensors);
        IEnumerable<ParameterBlock> blocks = weights.Blocks.Where(block => block.IsTrained);
        ModelCheckpoint.Save(stream, writer, blocks, block => byBlock[block].First, FirstPrefix);
        ModelCheckpoint.Save(stream, writer, blocks, block => byBlock[block].Second, SecondPrefix);
        writer.Commit();
    }

    private static int ReadStep(string path) =>
        ReadNumber(path, "step") ?? throw new CheckpointException(path, "does not say the step: it is damaged; take an earlier checkpoint");

    /// <summary>How many checkpoints were written in the folder before it: the newest is the last written, also of two runs.</summary>
    private static int SaveNumber(string folder) => ReadNumber(Path.Combine(folder, StateFile), "save") ?? 0;

    private static int? ReadNumber(string path, string key)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.GetProperty(key).GetInt32();
        }
        catch (Exception damage) when (damage is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {failure.Message.TrimEnd('.')}", failure);
        }
    }

    private static void WriteState(string path, int step, int save)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None);
        file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"step\": {step}, \"save\": {save}}}\n")));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Gives a whole checkpoint its name; an earlier one of that name goes only when the new one is in its place.</summary>
    private static void Replace(string folder, string beside)
    {
        if (!Directory.Exists(folder))
        {
            Directory.Move(beside, folder);
            return;
        }

        string earlier = folder + ".earlier" + Unfinished;
        Directory.Move(folder, earlier);
        Directory.Move(beside, folder);
        Directory.Delete(earlier, recursive: true);
    }

    private static void RemoveOld(string root)
    {
        foreach (string old in Steps(root).SkipLast(Kept))
        {
            Directory.Delete(old, recursive: true);
        }
    }

    /// <summary>Removes what runs that ended in the midst of writing have left behind.</summary>
    private static void RemoveUnfinished(string root)
    {
        foreach (string folder in Directory.EnumerateDirectories(root, StepPrefix + "*" + Unfinished))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Clears up after a failure that is reported already; a disk that refuses this too keeps a folder nobody loads.</summary>
    private static bool TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whole checkpoints, the last written last; what was never renamed is none.</summary>
    private static IEnumerable<string> Steps(string root) => Directory.Exists(root)
        ? Directory.EnumerateDirectories(root, StepPrefix + "*")
            .Where(folder => !folder.EndsWith(Unfinished, StringComparison.Ordinal) && File.Exists(Path.Combine(folder, StateFile)))
            .OrderBy(SaveNumber)
            .ThenBy(folder => folder, StringComparer.Ordinal)
        : [];
}
