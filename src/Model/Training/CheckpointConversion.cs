using Actors.Model.Checkpoint;
using Actors.Model.Parameters;

namespace Actors.Model.Training;

/// <summary>How a model's folder is written again.</summary>
/// <param name="Shards">Number of files; null: as many as <paramref name="MaxShardBytes"/> makes.</param>
/// <param name="MaxShardBytes">Largest file, where no number is given.</param>
/// <param name="Type">
/// Element type of the tensors; null: as they are. Correction biases stay as they are in any case, as the published model has them. E4M3: the matrices that the
/// published model has in FP8, in blocks of 128 x 128 with float32 scales, and the other tensors in bfloat16.
/// </param>
public sealed record CheckpointForm(int? Shards, long MaxShardBytes, SafetensorsType? Type);

/// <summary>Writes a model's folder again in another form: one file or shards, float32, bfloat16 or FP8.</summary>
public static class CheckpointConversion
{
    private const string Beside = ".unfinished";

    /// <summary>Converts. The new folder is written beside its place and renamed when it is whole; a run's state is not among it.</summary>
    /// <param name="folder">A model's folder, a checkpoint, or the folder of a run, whose newest checkpoint is meant.</param>
    /// <param name="output">The new folder, which must not be there, or be empty.</param>
    /// <param name="form">What it shall be.</param>
    /// <returns>Number of tensors.</returns>
    /// <exception cref="CheckpointException">The model is not whole, something is in the new folder's place, or the disk refuses.</exception>
    public static int Convert(string folder, string output, CheckpointForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        string source = RunFolder.Resolve(folder), beside = Path.TrimEndingDirectorySeparator(output) + Beside;
        HubConfig config = HubConfig.Read(Path.Combine(source, HubConfig.FileName));
        using CheckpointReader reader = CheckpointReader.Open(source);
        ModelCheckpoint.Check(reader, ModelCheckpoint.WithPresentModules(reader, config.Model));
        var copier = new TensorCopier(reader);
        SafetensorsTensor[] tensors = [.. reader.Names.Select(reader.Find).SelectMany(tensor => copier.Formed(tensor, form.Type))];
        CheckpointFiles files = FilesOf(source, tensors, form);
        CarriedFiles carried = CarriedFiles.Read(source);
        RefuseUse(output);
        RefuseUse(beside);
        bool isWhole = false;
        try
        {
            for (int writer = 0; writer < (form.Shards ?? 1); writer++)
            {
                Write(copier, beside, files, writer);
            }

            files.Complete(beside);
            (form.Type is { } type ? config.WithType(type) : config).Write(Path.Combine(beside, HubConfig.FileName));
            carried.Write(beside);
            if (Directory.Exists(output))
            {
                Directory.Delete(output);
            }

            Directory.Move(beside, output);
            isWhole = true;
            return tensors.Length;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(output, $"cannot be written: {AtomicFile.Reason(failure)}", failure);
        }
        finally
        {
            if (!isWhole && Directory.Exists(beside))
            {
                Directory.Delete(beside, recursive: true);
            }
        }
    }

    /// <summary>Files of nearly the same size where their number is given, in the order of the tensors.</summary>
    private static CheckpointFiles FilesOf(string source, SafetensorsTensor[] tensors, CheckpointForm form)
    {
        if (form.Shards is not { } shards)
        {
            return CheckpointFiles.Of([tensors], form.MaxShardBytes);
        }

        if (shards > tensors.Length)
        {
            throw new CheckpointException(source, $"has {tensors.Length} tensors, which {shards} files cannot hold: ask for fewer");
        }

        List<SafetensorsTensor>[] parts = [.. Enumerable.Range(0, shards).Select(_ => new List<SafetensorsTensor>())];
        long total = tensors.Sum(tensor => tensor.Bytes), before = 0;
        int part = 0;
        for (int i = 0; i < tensors.Length; i++)
        {
            // Each file gets what begins in its part of the bytes, and every file at least one.
            bool isFull = parts[part].Count > 0 && before >= (double)total * (part + 1) / shards;
            bool othersNeed = parts[part].Count > 0 && tensors.Length - i <= shards - part - 1;
            part += part < shards - 1 && (isFull || othersNeed) ? 1 : 0;
            parts[part].Add(tensors[i]);
            before += tensors[i].Bytes;
        }

        return CheckpointFiles.Of(parts, long.MaxValue);
    }

    private static void Write(TensorCopier copier, string folder, CheckpointFiles files, int number)
    {
        using CheckpointWriter writer = CheckpointWriter.Create(folder, files, number);
        foreach (SafetensorsTensor tensor in files.OfWriter(number).SelectMany(file => file.Tensors))
        {
            copier.Copy(tensor, writer);
        }

        writer.Commit();
    }

    private static void RefuseUse(string folder)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new CheckpointException(folder, "is there already, and nothing is replaced: name a new folder with --out");
        }
    }
}
