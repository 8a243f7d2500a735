using Actors.Model.Checkpoint;
using Actors.Model.Parameters;

namespace Actors.Model.Training;

/// <summary>What a checkpoint that is whole holds.</summary>
/// <param name="Folder">Folder of the model.</param>
/// <param name="Tensors">Tensors that were read, moments and scales of FP8 among them.</param>
/// <param name="Bytes">Bytes of those tensors.</param>
/// <param name="Step">Steps behind the run; null: it is a model without a run's state.</param>
public sealed record VerifiedCheckpoint(string Folder, int Tensors, long Bytes, int? Step);

/// <summary>
/// Reads a model's folder or a run's checkpoint from end to end: that files and index agree with each other and with their own headers,
/// that every tensor of config.json is there in its shape and no other, that every value is finite, and the same of the moments and of the averaged model.
/// </summary>
public static class CheckpointVerification
{
    /// <summary>Verifies.</summary>
    /// <param name="folder">A model's folder, a checkpoint, or the folder of a run, whose newest checkpoint is meant.</param>
    /// <exception cref="CheckpointException">The first fault: the file, the tensor, what is wrong.</exception>
    public static VerifiedCheckpoint Verify(string folder)
    {
        string resolved = RunFolder.Resolve(folder);
        ModelConfig config = HubConfig.Read(Path.Combine(resolved, HubConfig.FileName)).Model;
        var verified = new VerifiedCheckpoint(resolved, 0, 0, null);
        using (CheckpointReader model = CheckpointReader.Open(resolved))
        {
            config = ModelCheckpoint.WithPresentModules(model, config);
            ModelCheckpoint.Check(model, config);
            verified = Read(model, model.Names, verified);
        }

        return RunState.IsIn(resolved) ? ReadRun(resolved, config, ReadAverage(resolved, config, verified)) : verified;
    }

    private static VerifiedCheckpoint ReadAverage(string folder, ModelConfig config, VerifiedCheckpoint verified)
    {
        string average = Path.Combine(folder, TrainingCheckpoint.AverageFolder);
        if (!Directory.Exists(average))
        {
            return verified;
        }

        using CheckpointReader model = CheckpointReader.Open(average);
        ModelCheckpoint.Check(model, config);
        return Read(model, model.Names, verified);
    }

    private static VerifiedCheckpoint ReadRun(string folder, ModelConfig config, VerifiedCheckpoint verified)
    {
        RunState state = RunState.Read(folder);
        using CheckpointReader moments = CheckpointReader.Open(Path.Combine(folder, TrainingCheckpoint.OptimizerFolder));
        SafetensorsTensor[] tensors =
        [
            .. ModelCheckpoint.Tensors(config, CheckpointShares.FirstPrefix, trainedOnly: true),
            .. ModelCheckpoint.Tensors(config, CheckpointShares.SecondPrefix, trainedOnly: true),
        ];
        foreach (SafetensorsTensor tensor in tensors)
        {
            moments.Require(tensor.Name, [.. tensor.Shape]);
        }

        return Read(moments, tensors.Select(tensor => tensor.Name), verified) with { Step = state.Step };
    }

    private static VerifiedCheckpoint Read(CheckpointReader reader, IEnumerable<string> names, VerifiedCheckpoint verified)
    {
        string[] all = [.. names];
        float[] buffer = TensorPieces.Buffer(all.Select(reader.Find));
        foreach (string name in all)
        {
            SafetensorsTensor tensor = reader.Find(name);
            (long count, int step) = (tensor.Count, TensorPieces.ElementsOf(tensor));
            for (long start = 0; start < count; start += step)
            {
                reader.ReadFloats(name, start, buffer.AsSpan(0, (int)Math.Min(step, count - start)));
            }

            SafetensorsTensor? scales = reader.ScalesOf(name);
            verified = verified with
            {
                Tensors = verified.Tensors + (scales is null ? 1 : 2),
                Bytes = verified.Bytes + tensor.Bytes + (scales?.Bytes ?? 0),
            };
        }

        return verified;
    }
}
