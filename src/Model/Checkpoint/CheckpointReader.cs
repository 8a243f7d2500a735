using System.Globalization;
using Actors.Model.Numbers;

namespace Actors.Model.Checkpoint;

/// <summary>
/// The tensors of a model's folder: one <c>model.safetensors</c>, or several files and their
/// <c>model.safetensors.index.json</c>. May be read from several threads.
/// </summary>
public sealed class CheckpointReader : IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> _holders = new(StringComparer.Ordinal);

    private CheckpointReader(string folder) => Folder = folder;

    /// <summary>The model's folder.</summary>
    public string Folder { get; }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _holders.Keys;

    /// <summary>Opens every file of a folder and checks headers and index.</summary>
    /// <exception cref="CheckpointException">
    /// There is no checkpoint, a file is missing or damaged, or index and files disagree about a tensor.
    /// </exception>
    public static CheckpointReader Open(string folder)
    {
        var reader = new CheckpointReader(folder);
        try
        {
            string single = Path.Combine(folder, CheckpointIndex.SingleFile);
            string index = Path.Combine(folder, CheckpointIndex.IndexFile);
            if (File.Exists(single))
            {
                reader.AddSingle(single);
            }
            else if (File.Exists(index))
            {
                reader.AddShards(index);
            }
            else
            {
                throw new CheckpointException(
                    folder, $"has neither {CheckpointIndex.SingleFile} nor {CheckpointIndex.IndexFile}; give a model's folder");
            }

            CheckpointReader opened = reader;
            reader = null;
            return opened;
        }
        finally
        {
            reader?.Dispose();
        }
    }

    /// <summary>Whether a name is of a buffer that older writers kept beside the weights; it follows from config.json and nobody reads it.</summary>
    public static bool IsRotaryBuffer(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal)
            || name.EndsWith("rotary_emb.cos_cached", StringComparison.Ordinal)
            || name.EndsWith("rotary_emb.sin_cached", StringComparison.Ordinal);
    }

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Contains(string name) => _holders.ContainsKey(name);

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    public SafetensorsTensor Find(string name) => Holder(name).Find(name);

    /// <summary>Checks that a tensor is there and has a shape.</summary>
    /// <exception cref="CheckpointException">It is missing, or has another shape; both are named.</exception>
    public void Require(string name, params ReadOnlySpan<long> shape)
    {
        SafetensorsFile holder = Holder(name);
        SafetensorsTensor tensor = holder.Find(name);
        bool same = tensor.Shape.Count == shape.Length;
        for (int i = 0; same && i < shape.Length; i++)
        {
            same = tensor.Shape[i] == shape[i];
        }

        if (!same)
        {
            throw new CheckpointException(
                holder.Path, $"{name}: has shape {tensor.ShapeText}, the model's config.json wants [{string.Join(", ", shape.ToArray())}]");
        }
    }

    /// <summary>Reads a tensor of F32, BF16, F16 or F64 (rounded) as float32.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="values">Output, of the tensor's length.</param>
    /// <exception cref="CheckpointException">
    /// There is no such tensor, it holds integers or a value that is not finite, or the file cannot be read.
    /// </exception>
    public void ReadFloats(string name, Span<float> values)
    {
        SafetensorsFile holder = Holder(name);
        holder.ReadFloats(name, values);
        if (FiniteValues.IndexOfOther(values) is int index and >= 0)
        {
            throw new CheckpointException(
                holder.Path, string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: value {index} of {holder.Find(name).ShapeText} is {values[index]}, not finite: damaged or diverged; take another checkpoint"));
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    private SafetensorsFile Holder(string name) =>
        _holders.TryGetValue(name, out SafetensorsFile? file)
            ? file
            : throw new CheckpointException(
                Folder, $"has no tensor {name}; its config.json describes another model, or the checkpoint is not complete");

    private void AddSingle(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        _files.Add(path, file);
        foreach (string name in file.Names)
        {
            _holders.Add(name, file);
        }
    }

    private void AddShards(string index)
    {
        foreach ((string name, string fileName) in CheckpointIndex.Read(index))
        {
            if (!_files.TryGetValue(fileName, out SafetensorsFile? file))
            {
                file = SafetensorsFile.Open(Path.Combine(Folder, fileName));
                _files.Add(fileName, file);
            }

            if (!file.Tensors.ContainsKey(name))
            {
                throw new CheckpointException(file.Path, $"has no tensor {name}, although {CheckpointIndex.IndexFile} says so");
            }

            _holders.Add(name, file);
        }

        foreach (SafetensorsFile file in _files.Values)
        {
            foreach (string name in file.Names)
            {
                // A copy of a tensor that the index places in another file is stale: the index decides.
                if (!_holders.ContainsKey(name) && !IsRotaryBuffer(name))
                {
                    throw new CheckpointException(file.Path, $"holds {name}, which {CheckpointIndex.IndexFile} does not place there");
                }
            }
        }
    }
}
