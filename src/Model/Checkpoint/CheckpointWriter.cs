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
    private readonly List<SafetensorsWriter> _shards = [];
    private readonly string _folder;
    private readonly CheckpointFiles? _completed;

    private CheckpointWriter(string folder, CheckpointFiles? completed) => (_folder, _completed) = (folder, completed);

    /// <summary>Begins a checkpoint that has no other writer; the folder is made if it is not there.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="tensors">Names, types and shapes, in the order in which they fill the files.</param>
    /// <param name="maxShardBytes">Largest sum of tensors in a file; a larger tensor gets a file of its own.</param>
    /// <exception cref="CheckpointException">A name comes twice, or a file cannot be written.</exception>
    public static CheckpointWriter Create(
        string folder, IReadOnlyList<SafetensorsTensor> tensors, long maxShardBytes = DefaultMaxShardBytes)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        CheckpointFiles files = CheckpointFiles.Of([tensors], maxShardBytes);
        return Open(new CheckpointWriter(folder, files), files, number: 0);
    }

    /// <summary>
    /// Begins the files of one of several writers; the folder is made if it is not there. Who knows that all have committed makes it whole
    /// with <see cref="CheckpointFiles.Complete"/>.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="files">The files of all writers.</param>
    /// <param name="writer">Number of this one.</param>
    /// <exception cref="CheckpointException">A name comes twice, or a file cannot be written.</exception>
    public static CheckpointWriter Create(string folder, CheckpointFiles files, int writer)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Open(new CheckpointWriter(folder, completed: null), files, writer);
    }

    /// <summary>Writes the next values of a tensor, rounded to nearest where its type is narrower.</summary>
    /// <exception cref="CheckpointException">No such tensor, too many values, or the disk refuses.</exception>
    public void WriteFloats(string name, ReadOnlySpan<float> values) => Holder(name).WriteFloats(name, values);

    /// <summary>Writes the next codes of a tensor of E4M3.</summary>
    /// <exception cref="CheckpointException">No such tensor, too many codes, or the disk refuses.</exception>
    public void WriteCodes(string name, ReadOnlySpan<byte> codes) => Holder(name).WriteCodes(name, codes);

    /// <summary>Syncs the files and gives them their names; where there is no other writer, the index comes last.</summary>
    /// <exception cref="CheckpointException">A tensor is not complete, or the disk refuses.</exception>
    public void Commit()
    {
        foreach (SafetensorsWriter shard in _shards)
        {
            shard.Commit();
        }

        _completed?.Complete(_folder);
    }

    /// <summary>Closes the files; those not committed are deleted.</summary>
    public void Dispose()
    {
        foreach (SafetensorsWriter shard in _shards)
        {
            shard.Dispose();
        }
    }

    private SafetensorsWriter Holder(string name) => _holders.TryGetValue(name, out SafetensorsWriter? shard)
        ? shard
        : throw new CheckpointException(_folder, $"{name}: is not among the tensors of this checkpoint");

    private static CheckpointWriter Open(CheckpointWriter writer, CheckpointFiles files, int number)
    {
        bool isOpen = false;
        try
        {
            Directory.CreateDirectory(writer._folder);
            foreach ((string name, IReadOnlyList<SafetensorsTensor> tensors) in files.OfWriter(number))
            {
                writer.AddShard(name, tensors);
            }

            isOpen = true;
            return writer;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(writer._folder, $"cannot be made: {AtomicFile.Reason(failure)}", failure);
        }
        finally
        {
            if (!isOpen)
            {
                writer.Dispose();
            }
        }
    }

    private void AddShard(string name, IReadOnlyList<SafetensorsTensor> tensors)
    {
        SafetensorsWriter shard = SafetensorsWriter.Create(Path.Combine(_folder, name), tensors);
        _shards.Add(shard);
        foreach (SafetensorsTensor tensor in tensors)
        {
            if (!_holders.TryAdd(tensor.Name, shard))
            {
                throw new CheckpointException(_folder, $"{tensor.Name}: is to be written twice");
            }
        }
    }
}
