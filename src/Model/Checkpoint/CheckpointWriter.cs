namespace Actors.Model.Checkpoint;

/// <summary>
/// Writes the tensors of a model's folder: one <c>model.safetensors</c> while they fit, else files up to a size and their
/// index. Nothing bears its name before <see cref="Commit"/>, and the index comes last.
/// </summary>
public sealed class CheckpointWriter : IDisposable
{
    /// <summary>Largest file in bytes where nothing else is asked for: 5 GB, the hub's habit.</summary>
    public const long DefaultMaxShardBytes = 5_000_000_000;

    private readonly Dictionary<string, SafetensorsWriter> _holders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _fileNames = new(StringComparer.Ordinal);
    private readonly List<SafetensorsWriter> _shards = [];
    private readonly string _folder;
    private long _totalBytes;

    private CheckpointWriter(string folder) => _folder = folder;

    /// <summary>Begins a checkpoint; the folder is made if it is not there.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="tensors">Names, types and shapes, in the order in which they fill the files.</param>
    /// <param name="maxShardBytes">Largest sum of tensors in a file; a larger tensor gets a file of its own.</param>
    /// <exception cref="CheckpointException">A name comes twice, or a file cannot be written.</exception>
    public static CheckpointWriter Create(
        string folder, IReadOnlyList<SafetensorsTensor> tensors, long maxShardBytes = DefaultMaxShardBytes)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxShardBytes, 1);
        var writer = new CheckpointWriter(folder);
        try
        {
            Directory.CreateDirectory(folder);
            writer.AddShards(Split(tensors, maxShardBytes));
            CheckpointWriter created = writer;
            writer = null;
            return created;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(folder, $"cannot be made: {AtomicFile.Reason(failure)}", failure);
        }
        finally
        {
            writer?.Dispose();
        }
    }

    /// <summary>Writes the next values of a tensor, rounded to nearest where its type is narrower.</summary>
    /// <exception cref="CheckpointException">No such tensor, too many values, or the disk refuses.</exception>
    public void WriteFloats(string name, ReadOnlySpan<float> values)
    {
        if (!_holders.TryGetValue(name, out SafetensorsWriter? shard))
        {
            throw new CheckpointException(_folder, $"{name}: is not among the tensors of this checkpoint");
        }

        shard.WriteFloats(name, values);
    }

    /// <summary>Syncs the files and gives them their names, the index last; an older checkpoint's other form is removed.</summary>
    /// <exception cref="CheckpointException">A tensor is not complete, or the disk refuses.</exception>
    public void Commit()
    {
        foreach (SafetensorsWriter shard in _shards)
        {
            shard.Commit();
        }

        string single = Path.Combine(_folder, CheckpointIndex.SingleFile);
        string index = Path.Combine(_folder, CheckpointIndex.IndexFile);
        if (_shards.Count > 1)
        {
            CheckpointIndex.Write(index, _totalBytes, _fileNames);
            File.Delete(single);
        }
        else
        {
            File.Delete(index);
        }
    }

    /// <summary>Closes the files; those not committed are deleted.</summary>
    public void Dispose()
    {
        foreach (SafetensorsWriter shard in _shards)
        {
            shard.Dispose();
        }
    }

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

    private void AddShards(List<List<SafetensorsTensor>> shards)
    {
        for (int i = 0; i < shards.Count; i++)
        {
            string file = shards.Count == 1 ? CheckpointIndex.SingleFile : CheckpointIndex.ShardFile(i + 1, shards.Count);
            SafetensorsWriter shard = SafetensorsWriter.Create(Path.Combine(_folder, file), shards[i]);
            _shards.Add(shard);
            foreach (SafetensorsTensor tensor in shards[i])
            {
                if (!_holders.TryAdd(tensor.Name, shard))
                {
                    throw new CheckpointException(_folder, $"{tensor.Name}: is to be written twice");
                }

                _fileNames.Add(tensor.Name, file);
                _totalBytes += tensor.Bytes;
            }
        }
    }
}
