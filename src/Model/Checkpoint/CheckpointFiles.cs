namespace Actors.Model.Checkpoint;

/// <summary>
/// Which file of a model's folder holds which tensor, and who writes it: one <c>model.safetensors</c> while the tensors of one writer fit, else
/// files up to a size, those of each writer after those of the one before. It follows from what each writes, so that writers which
/// do not see each other's files name their own alike.
/// </summary>
public sealed class CheckpointFiles
{
    private readonly List<(int Writer, string Name, IReadOnlyList<SafetensorsTensor> Tensors)> _files = [];

    private CheckpointFiles()
    {
    }

    /// <summary>Divides tensors over files.</summary>
    /// <param name="shares">What each writer writes, in the order in which it fills its files; a writer without tensors has no file.</param>
    /// <param name="maxShardBytes">Largest sum of tensors in a file; a larger tensor gets a file of its own.</param>
    public static CheckpointFiles Of(
        IReadOnlyList<IReadOnlyList<SafetensorsTensor>> shares, long maxShardBytes = CheckpointWriter.DefaultMaxShardBytes)
    {
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxShardBytes, 1);
        (int Writer, List<SafetensorsTensor> Tensors)[] shards =
        [
            .. from writer in Enumerable.Range(0, shares.Count)
               where shares[writer].Count > 0 || shares.Count == 1
               from shard in Split(shares[writer], maxShardBytes)
               select (writer, shard),
        ];
        var files = new CheckpointFiles();
        for (int i = 0; i < shards.Length; i++)
        {
            string name = shards.Length == 1 ? CheckpointIndex.SingleFile : CheckpointIndex.ShardFile(i + 1, shards.Length);
            files._files.Add((shards[i].Writer, name, shards[i].Tensors));
        }

        return files;
    }

    /// <summary>Makes a folder whole once every writer has written: writes the index, and removes an older checkpoint's other form.</summary>
    /// <exception cref="CheckpointException">A file is missing, or the disk refuses.</exception>
    public void Complete(string folder)
    {
        foreach ((_, string name, _) in _files)
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                throw new CheckpointException(path, "was written, and is not there: all processes of a run need the same disk; name a folder on it with --out");
            }
        }

        if (_files.Count > 1)
        {
            Dictionary<string, string> holders = _files.SelectMany(file => file.Tensors.Select(tensor => (tensor, file.Name)))
                .ToDictionary(entry => entry.tensor.Name, entry => entry.Name, StringComparer.Ordinal);
            CheckpointIndex.Write(Path.Combine(folder, CheckpointIndex.IndexFile), _files.Sum(file => file.Tensors.Sum(tensor => tensor.Bytes)), holders);
        }

        File.Delete(Path.Combine(folder, _files.Count > 1 ? CheckpointIndex.SingleFile : CheckpointIndex.IndexFile));
    }

    /// <summary>The files of one writer.</summary>
    internal IEnumerable<(string Name, IReadOnlyList<SafetensorsTensor> Tensors)> OfWriter(int writer) =>
        _files.Where(file => file.Writer == writer).Select(file => (file.Name, file.Tensors));

    private static List<List<SafetensorsTensor>> Split(IReadOnlyList<SafetensorsTensor> tensors, long maxShardBytes)
    {
        var shards = new List<List<SafetensorsTensor>> { new() };
        long bytes = 0;
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (shards[^1].Count > 0 && bytes + tensor.Bytes > maxShardBytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(tensor);
            bytes += tensor.Bytes;
        }

        return shards;
    }
}
