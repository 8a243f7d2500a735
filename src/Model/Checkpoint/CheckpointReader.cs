namespace Actors.Model.Checkpoint;

/// <summary>
/// The tensors of a model's folder: one <c>model.safetensors</c>, or several files and their
/// <c>model.safetensors.index.json</c>. Experts that a file holds fused appear one by one, and tensors of a language model inside a larger one
/// without its prefix. Matrices in FP8 are read as values; their scales are no tensors of their own (<see cref="ScalesOf"/>). May be read from several threads.
/// </summary>
public sealed class CheckpointReader : IDisposable
{
    private readonly Dictionary<string, SafetensorsFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorPlace> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorPlace> _scales = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> _unplaced = new(StringComparer.Ordinal);

    private CheckpointReader(string folder) => Folder = folder;

    /// <summary>The model's folder.</summary>
    public string Folder { get; }

    /// <summary>Bytes of tensors that were read so far, headers not counted.</summary>
    public long BytesRead => _files.Values.Sum(file => file.BytesRead);

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _places.Keys;

    /// <summary>Names of tensors that a shard holds although the index knows none of that name, with their files. They are not read.</summary>
    internal IReadOnlyDictionary<string, SafetensorsFile> Unplaced => _unplaced;

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

            reader.PairScales();
            CheckpointReader opened = reader;
            reader = null;
            return opened;
        }
        finally
        {
            reader?.Dispose();
        }
    }

    /// <summary>Whether there is a tensor of that name.</summary>
    public bool Contains(string name) => _places.ContainsKey(name);

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    public SafetensorsTensor Find(string name) => Place(name).Tensor;

    /// <summary>The scales of a matrix in FP8; null: it is of another type, or has none.</summary>
    /// <param name="name">The matrix.</param>
    public SafetensorsTensor? ScalesOf(string name) => _scales.GetValueOrDefault(name)?.Tensor;

    /// <summary>Checks that a tensor is there and has a shape, and scales if it is in FP8.</summary>
    /// <exception cref="CheckpointException">It is missing, or has another shape; both are named. Or its scales are.</exception>
    public void Require(string name, params ReadOnlySpan<long> shape)
    {
        TensorPlace place = Place(name);
        SafetensorsTensor tensor = place.Tensor;
        bool same = tensor.Shape.Count == shape.Length;
        for (int i = 0; same && i < shape.Length; i++)
        {
            same = tensor.Shape[i] == shape[i];
        }

        if (!same)
        {
            throw new CheckpointException(
                place.File.Path,
                $"{place.NameText}: has shape {tensor.ShapeText}, the model's config.json wants [{string.Join(", ", shape.ToArray())}]");
        }

        if (tensor.Type == SafetensorsType.E4M3)
        {
            MatrixOf(place).Check();
        }
    }

    /// <summary>Reads a tensor of F32, BF16, F16, F64 (rounded) or F8_E4M3 (code · scale) as float32.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="values">Output, of the tensor's length.</param>
    /// <exception cref="CheckpointException">
    /// There is no such tensor, it holds integers or a value that is not finite, its scales are unfit, or the file cannot be read.
    /// </exception>
    public void ReadFloats(string name, Span<float> values)
    {
        TensorPlace place = Place(name);
        if (place.Tensor.Count != values.Length)
        {
            throw new CheckpointException(
                place.File.Path, $"{place.NameText}: has {place.Tensor.Count} elements {place.Tensor.ShapeText}, {values.Length} are asked for");
        }

        Read(place, 0, values);
    }

    /// <summary>Reads a part of a tensor as float32.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="start">The first element.</param>
    /// <param name="values">Output, as many as are read.</param>
    /// <exception cref="CheckpointException">
    /// There is no such tensor, it holds integers or a value that is not finite, or the file cannot be read.
    /// </exception>
    public void ReadFloats(string name, long start, Span<float> values)
    {
        TensorPlace place = Place(name);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, place.Tensor.Count - start, nameof(values));
        Read(place, start, values);
    }

    /// <summary>A matrix in FP8, for reading its codes and scales as they are.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    internal ScaledMatrix MatrixOf(string name) => MatrixOf(Place(name));

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    private void Read(TensorPlace place, long start, Span<float> values)
    {
        if (place.Tensor.Type == SafetensorsType.E4M3)
        {
            MatrixOf(place).ReadFloats(start, values);
        }
        else
        {
            place.File.ReadFinite(place.Stored, place.Start + start, values);
        }
    }

    private ScaledMatrix MatrixOf(TensorPlace place) => new(place, _scales.GetValueOrDefault(place.Tensor.Name));

    /// <summary>Takes the scales of matrices in FP8 out of the tensors.</summary>
    private void PairScales()
    {
        foreach (string name in _places.Keys.ToArray())
        {
            if (_places.TryGetValue(name, out TensorPlace? place) && place.Tensor.Type == SafetensorsType.E4M3
                && _places.Remove(BlockScales.NameOf(name), out TensorPlace? scales))
            {
                _scales.Add(name, scales);
            }
        }
    }

    private TensorPlace Place(string name)
    {
        if (_places.TryGetValue(name, out TensorPlace? place))
        {
            return place;
        }

        throw new CheckpointException(
            Folder,
            $"has no tensor {name}; " + (_unplaced.TryGetValue(name, out SafetensorsFile? file)
                ? $"{Path.GetFileName(file.Path)} holds one, but {CheckpointIndex.IndexFile} does not place it there: write or copy the index again"
                : MissingTensor.Explain(name, _places)));
    }

    private void AddSingle(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        _files.Add(path, file);
        foreach (string name in file.Names)
        {
            Add(file, name);
        }
    }

    private void AddShards(string index)
    {
        Dictionary<string, string> placed = CheckpointIndex.Read(index);
        foreach ((string name, string fileName) in placed)
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

            Add(file, name);
        }

        // A copy of a tensor that the index places in another file is stale: the index decides.
        foreach (SafetensorsFile file in _files.Values)
        {
            foreach (string name in file.Names.Where(name => !placed.ContainsKey(name)))
            {
                _unplaced[name] = file;
            }
        }
    }

    private void Add(SafetensorsFile file, string stored)
    {
        foreach (TensorPlace place in TensorPlace.Of(file, file.Find(stored)))
        {
            if (!_places.TryAdd(place.Tensor.Name, place))
            {
                throw new CheckpointException(
                    file.Path, $"holds {place.NameText}, which is also {_places[place.Tensor.Name].Stored.Name}; remove one of them");
            }
        }
    }
}
