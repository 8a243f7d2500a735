using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Training;

/// <summary>
/// A checkpoint of a training run: a folder with the model in the hub's layout, the moments in <c>optimizer</c> and the run's state
/// in <c>training.json</c>. Placement plays no part: any run of the same model can go on from it. Where it lies is said by
/// <see cref="RunFolder"/>.
/// </summary>
public static class TrainingCheckpoint
{
    private const string OptimizerFolder = "optimizer";
    private const string FirstPrefix = "first.";
    private const string SecondPrefix = "second.";

    /// <summary>Bytes that a checkpoint of a model takes.</summary>
    public static long Bytes(ModelConfig config) =>
        ModelCheckpoint.Tensors(config).Sum(tensor => tensor.Bytes) + MomentsOf(config).Sum(tensor => tensor.Bytes);

    /// <summary>Writes a checkpoint into an empty folder.</summary>
    /// <exception cref="CheckpointException">The disk refuses.</exception>
    /// <param name="folder">Where it is written.</param>
    /// <param name="state">The run's state.</param>
    /// <param name="config">The model's config.</param>
    /// <param name="stream">Reads the tensors.</param>
    /// <param name="blocks">Every block of the model, in model order.</param>
    /// <param name="moments">Every trained block with its moments, in model order.</param>
    public static void Save(
        string folder, RunState state, HubConfig config, IStream stream, IEnumerable<ParameterBlock> blocks, IReadOnlyList<TrainedBlock> moments)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(moments);
        state.Write(folder);
        config.WithFloat32().Write(Path.Combine(folder, HubConfig.FileName));
        using (CheckpointWriter writer = CheckpointWriter.Create(folder, ModelCheckpoint.Tensors(config.Model)))
        {
            ModelCheckpoint.Save(stream, writer, blocks, block => block.Values);
            writer.Commit();
        }

        SaveMoments(Path.Combine(folder, OptimizerFolder), stream, config.Model, moments);
    }

    /// <summary>Loads the moments that <see cref="Save"/> wrote.</summary>
    /// <exception cref="CheckpointException">Something is missing, torn or of another model; it is named.</exception>
    public static void LoadMoments(string folder, IStream stream, IReadOnlyList<TrainedBlock> moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        using CheckpointReader reader = CheckpointReader.Open(Path.Combine(folder, OptimizerFolder));
        Dictionary<ParameterBlock, TrainedBlock> byBlock = moments.ToDictionary(moment => moment.Block);
        IEnumerable<ParameterBlock> blocks = moments.Select(moment => moment.Block);
        ModelCheckpoint.Load(stream, reader, blocks, block => byBlock[block].First, FirstPrefix);
        ModelCheckpoint.Load(stream, reader, blocks, block => byBlock[block].Second, SecondPrefix);
    }

    /// <summary>Loads a model in the hub's layout into the parts that hold it.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="parts">Parts of the model, each after the stream that fills it.</param>
    /// <returns>Numbers of the layers behind the model's last that the folder holds too, ascending; they are not read.</returns>
    /// <exception cref="CheckpointException">A tensor is missing, extra or of another shape; it is named.</exception>
    public static IReadOnlyList<int> LoadModel(string folder, IEnumerable<(IStream Stream, ModelWeights Weights)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        using CheckpointReader reader = CheckpointReader.Open(folder);
        IReadOnlyList<int> unread = [];
        foreach ((IStream stream, ModelWeights weights) in parts)
        {
            unread = ModelCheckpoint.Check(reader, weights.Config);
            ModelCheckpoint.Load(stream, reader, weights);
        }

        return unread;
    }

    private static void SaveMoments(string folder, IStream stream, ModelConfig config, IReadOnlyList<TrainedBlock> moments)
    {
        Dictionary<ParameterBlock, TrainedBlock> byBlock = moments.ToDictionary(moment => moment.Block);
        using CheckpointWriter writer = CheckpointWriter.Create(folder, MomentsOf(config));
        IEnumerable<ParameterBlock> blocks = moments.Select(moment => moment.Block);
        ModelCheckpoint.Save(stream, writer, blocks, block => byBlock[block].First, FirstPrefix);
        ModelCheckpoint.Save(stream, writer, blocks, block => byBlock[block].Second, SecondPrefix);
        writer.Commit();
    }

    private static IReadOnlyList<SafetensorsTensor> MomentsOf(ModelConfig config) =>
    [
        .. ModelCheckpoint.Tensors(config, FirstPrefix, trainedOnly: true),
        .. ModelCheckpoint.Tensors(config, SecondPrefix, trainedOnly: true),
    ];
}
