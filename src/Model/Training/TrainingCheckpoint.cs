using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Training;

/// <summary>
/// A checkpoint of a training run: a folder with the model in the hub's layout, the moments in <c>optimizer</c>, the averaged model in <c>average</c> where one is kept,
/// and the run's state in <c>training.json</c>. Placement plays no part: any run of the same model can go on from it. Where it lies is said by
/// <see cref="RunFolder"/>.
/// </summary>
public static class TrainingCheckpoint
{
    /// <summary>Folder of the moments in that of a checkpoint.</summary>
    internal const string OptimizerFolder = "optimizer";

    /// <summary>Folder of the averaged model in that of a checkpoint.</summary>
    public const string AverageFolder = "average";

    /// <summary>Bytes that a checkpoint of a model takes.</summary>
    /// <param name="config">The model.</param>
    /// <param name="moments">How moments are stored: Float32 or BFloat16.</param>
    /// <param name="hasAverage">Whether an average is a part of it.</param>
    public static long Bytes(ModelConfig config, ElementType moments = ElementType.Float32, bool hasAverage = false) =>
        ((hasAverage ? 2 : 1) * ModelCheckpoint.Tensors(config).Sum(tensor => tensor.Bytes))
        + (2 * ModelCheckpoint.Tensors(config, trainedOnly: true, type: CheckpointShares.FileType(moments)).Sum(tensor => tensor.Bytes));

    /// <summary>Begins a checkpoint in an empty folder: what it says of its run and of the model.</summary>
    /// <exception cref="CheckpointException">The disk refuses.</exception>
    public static void Begin(string folder, RunState state, HubConfig config)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(config);
        state.Write(folder);
        config.WithFloat32().Write(Path.Combine(folder, HubConfig.FileName));
    }

    /// <summary>Writes the files of one writer into a folder that was begun.</summary>
    /// <param name="folder">Where they are written.</param>
    /// <param name="shares">The files of all writers.</param>
    /// <param name="writer">Number of this one.</param>
    /// <param name="stream">Reads the tensors.</param>
    /// <param name="blocks">Every block that it writes, in model order.</param>
    /// <param name="moments">Every trained block of these with its moments, in model order.</param>
    /// <exception cref="CheckpointException">The folder is not there, or the disk refuses.</exception>
    public static void Write(
        string folder, CheckpointShares shares, int writer, IStream stream, IEnumerable<ParameterBlock> blocks, IReadOnlyList<TrainedBlock> moments)
    {
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(moments);
        if (!RunState.IsIn(folder))
        {
            throw new CheckpointException(folder, "is not there: all processes of a run need the same disk; name a folder on it with --out");
        }

        using (CheckpointWriter values = CheckpointWriter.Create(folder, shares.Model, writer))
        {
            ModelCheckpoint.Save(stream, values, blocks, block => block.Values);
            values.Commit();
        }

        Dictionary<ParameterBlock, TrainedBlock> byBlock = moments.ToDictionary(moment => moment.Block);
        IEnumerable<ParameterBlock> trained = moments.Select(moment => moment.Block);
        using CheckpointWriter optimizer = CheckpointWriter.Create(Path.Combine(folder, OptimizerFolder), shares.Moments, writer);
        ModelCheckpoint.Save(stream, optimizer, trained, block => byBlock[block].First, CheckpointShares.FirstPrefix);
        ModelCheckpoint.Save(stream, optimizer, trained, block => byBlock[block].Second, CheckpointShares.SecondPrefix);
        optimizer.Commit();
        if (shares.HasAverage)
        {
            // What is not trained, such as correction biases, is as in the model.
            using CheckpointWriter average = CheckpointWriter.Create(Path.Combine(folder, AverageFolder), shares.Model, writer);
            ModelCheckpoint.Save(stream, average, blocks, block => byBlock.TryGetValue(block, out TrainedBlock? of) ? of.Average : block.Values);
            average.Commit();
        }
    }

    /// <summary>Makes a checkpoint whole once every writer has written.</summary>
    /// <exception cref="CheckpointException">A file is missing, or the disk refuses.</exception>
    public static void Complete(string folder, CheckpointShares shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        shares.Model.Complete(folder);
        shares.Moments.Complete(Path.Combine(folder, OptimizerFolder));
        if (shares.HasAverage)
        {
            string average = Path.Combine(folder, AverageFolder);
            shares.Model.Complete(average);
            HubConfig.Read(Path.Combine(folder, HubConfig.FileName)).Write(Path.Combine(average, HubConfig.FileName));
        }
    }

    /// <summary>Fills the averages that <see cref="Write"/> wrote; where a checkpoint has none, or a run begins, each is its values.</summary>
    /// <param name="folder">The checkpoint; null: a run begins.</param>
    /// <param name="stream">Fills them.</param>
    /// <param name="moments">The trained blocks, whose values are loaded.</param>
    /// <exception cref="CheckpointException">Something is missing, torn or of another model; it is named.</exception>
    public static void LoadAverages(string? folder, IStream stream, IReadOnlyList<TrainedBlock> moments)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(moments);
        Dictionary<ParameterBlock, TrainedBlock> byBlock = moments.Where(moment => !moment.Average.IsAbsent).ToDictionary(moment => moment.Block);
        if (folder is not null && byBlock.Count > 0 && Directory.Exists(Path.Combine(folder, AverageFolder)))
        {
            using CheckpointReader reader = CheckpointReader.Open(Path.Combine(folder, AverageFolder));
            ModelCheckpoint.Load(stream, reader, byBlock.Keys, block => byBlock[block].Average);
            return;
        }

        foreach (TrainedBlock moment in byBlock.Values)
        {
            stream.Copy(moment.Block.Values, moment.Average);
        }
    }

    /// <summary>Loads the moments that <see cref="Write"/> wrote.</summary>
    /// <exception cref="CheckpointException">Something is missing, torn or of another model; it is named.</exception>
    public static void LoadMoments(string folder, IStream stream, IReadOnlyList<TrainedBlock> moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        using CheckpointReader reader = CheckpointReader.Open(Path.Combine(folder, OptimizerFolder));
        Dictionary<ParameterBlock, TrainedBlock> byBlock = moments.ToDictionary(moment => moment.Block);
        IEnumerable<ParameterBlock> blocks = moments.Select(moment => moment.Block);
        ModelCheckpoint.Load(stream, reader, blocks, block => byBlock[block].First, CheckpointShares.FirstPrefix);
        ModelCheckpoint.Load(stream, reader, blocks, block => byBlock[block].Second, CheckpointShares.SecondPrefix);
    }

    /// <summary>Fills some blocks from a folder in the hub's layout that <see cref="LoadModel"/> has checked.</summary>
    /// <exception cref="CheckpointException">A tensor is missing or of another shape; it is named.</exception>
    public static void LoadBlocks(string folder, IStream stream, IEnumerable<ParameterBlock> blocks)
    {
        using CheckpointReader reader = CheckpointReader.Open(folder);
        ModelCheckpoint.Load(stream, reader, blocks, block => block.Values);
    }

    /// <summary>Loads a model in the hub's layout into the parts that hold it; of the tensors only what the parts hold is read.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="parts">Parts of one model, each after the stream that fills it.</param>
    /// <exception cref="CheckpointException">A tensor is missing, extra or of another shape; it is named.</exception>
    public static LoadedModel LoadModel(string folder, IEnumerable<(IStream Stream, ModelWeights Weights)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        (IStream Stream, ModelWeights Weights)[] all = [.. parts];
        if (all is not [(_, { Config: var config }), ..])
        {
            return new LoadedModel([], 0);
        }

        using CheckpointReader reader = CheckpointReader.Open(folder);
        IReadOnlyList<int> unread = ModelCheckpoint.Check(
            reader, config, all.SelectMany(part => part.Weights.Blocks).Select(block => block.Name).ToHashSet(StringComparer.Ordinal));
        foreach ((IStream stream, ModelWeights weights) in all)
        {
            ModelCheckpoint.Load(stream, reader, weights);
        }

        return new LoadedModel(unread, reader.BytesRead);
    }
}
