using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Actors.Model.Checkpoint;

/// <summary>
/// Writes a safetensors file beside its place; <see cref="Commit"/> syncs and renames it, so that a torn file never bears
/// the name. Tensors lie in the given order, wide element types first so that each is aligned to its own; they may be
/// written in any order and in parts.
/// </summary>
public sealed class SafetensorsWriter : IDisposable
{
    private const int LengthBytes = 8;
    private const int HeaderAlignment = 8;
    private const int ChunkBytes = 1 << 20;
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private bool _committed;

    private SafetensorsWriter(string path, SafeFileHandle handle)
    {
        _path = path;
        _handle = handle;
    }

    /// <summary>Begins a file: writes its header and reserves its length.</summary>
    /// <param name="path">Where the file will be.</param>
    /// <param name="tensors">Names, types and shapes.</param>
    /// <param name="metadata">Free text for the header; <c>format: pt</c> is added, as PyTorch's readers want it.</param>
    /// <exception cref="CheckpointException">A name comes twice, or the file cannot be written.</exception>
    public static SafetensorsWriter Create(
        string path, IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        SafetensorsWriter? writer = null;
        try
        {
            SafeFileHandle handle = File.OpenHandle(AtomicFile.Beside(path), FileMode.Create, FileAccess.Write, FileShare.None);
            writer = new SafetensorsWriter(path, handle);
            writer.WriteHeader(tensors, metadata);
            SafetensorsWriter created = writer;
            writer = null;
            return created;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, failure);
        }
        finally
        {
            writer?.Dispose();
        }
    }

    /// <summary>Writes the next values of a tensor of a float type, rounded to nearest where it is narrower.</summary>
    /// <exception cref="CheckpointException">No such tensor, too many values, or the disk refuses.</exception>
    public void WriteFloats(string name, ReadOnlySpan<float> values)
    {
        Place place = Claim(name, values.Length, wantsFloat: true);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        int size = SafetensorsElements.SizeInBytes(place.Tensor.Type);
        while (values.Length > 0)
        {
            ReadOnlySpan<float> part = values[..Math.Min(ChunkBytes / size, values.Length)];
            SafetensorsElements.FromFloats(place.Tensor.Type, part, chunk.AsSpan(0, part.Length * size));
            Write(place, chunk.AsSpan(0, part.Length * size));
            values = values[part.Length..];
        }

        ArrayPool<byte>.Shared.Return(chunk);
    }

    /// <summary>Writes the next codes of a tensor of E4M3.</summary>
    /// <exception cref="CheckpointException">No such tensor, one of another type, too many codes, or the disk refuses.</exception>
    public void WriteCodes(string name, ReadOnlySpan<byte> codes)
    {
        Place place = Claim(name, codes.Length, wantsFloat: false);
        if (place.Tensor.Type != SafetensorsType.E4M3)
        {
            throw new CheckpointException(_path, $"{name}: is {place.Tensor.TypeName}, the values given are codes of F8_E4M3");
        }

        Write(place, codes);
    }

    /// <summary>Writes the next values of a tensor of an integer type.</summary>
    /// <exception cref="CheckpointException">No such tensor, too many values, a value that does not fit, or the disk refuses.</exception>
    public void WriteLongs(string name, ReadOnlySpan<long> values)
    {
        Place place = Claim(name, values.Length, wantsFloat: false);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        int size = SafetensorsElements.SizeInBytes(place.Tensor.Type);
        while (values.Length > 0)
        {
            ReadOnlySpan<long> part = values[..Math.Min(ChunkBytes / size, values.Length)];
            try
            {
                SafetensorsElements.FromLongs(place.Tensor.Type, part, chunk.AsSpan(0, part.Length * size));
            }
            catch (OverflowException failure)
            {
                throw new CheckpointException(_path, $"{name}: a value does not fit into {place.Tensor.TypeName}", failure);
            }

            Write(place, chunk.AsSpan(0, part.Length * size));
            values = values[part.Length..];
        }

        ArrayPool<byte>.Shared.Return(chunk);
    }

    /// <summary>Syncs the file to the disk and gives it its name, replacing what was there.</summary>
    /// <exception cref="CheckpointException">A tensor is not complete, or the disk refuses; what was there stays.</exception>
    public void Commit()
    {
        foreach (Place place in _places.Values)
        {
            if (place.Written != place.Tensor.Bytes)
            {
                throw new CheckpointException(
                    _path, $"{place.Tensor.Name}: {place.Written} of {place.Tensor.Bytes} bytes are written, the file is not complete");
            }
        }

        try
        {
            RandomAccess.FlushToDisk(_handle);
            _handle.Dispose();
            File.Move(AtomicFile.Beside(_path), _path, overwrite: true);
            _committed = true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(_path, failure);
        }
    }

    /// <summary>Closes the file; one that was not committed is deleted.</summary>
    public void Dispose()
    {
        _handle.Dispose();
        if (!_committed)
        {
            File.Delete(AtomicFile.Beside(_path));
            _committed = true;
        }
    }

    private static CheckpointException Unwritable(string path, Exception failure) =>
        new(path, $"cannot be written: {AtomicFile.Reason(failure)}", failure);

    private void WriteHeader(IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
            {
                if (key != "format")
                {
                    writer.WriteString(key, value);
                }
            }

            writer.WriteEndObject();
            long end = 0;
            foreach (SafetensorsTensor tensor in WideFirst(tensors))
            {
                WriteEntry(writer, tensor, end);
                if (!_places.TryAdd(tensor.Name, new Place(tensor, end)))
                {
                    throw new CheckpointException(_path, $"{tensor.Name}: is to be written twice");
                }

                end += tensor.Bytes;
            }

            writer.WriteEndObject();
        }

        int padding = (HeaderAlignment - json.WrittenCount % HeaderAlignment) % HeaderAlignment;
        json.GetSpan(padding)[..padding].Fill((byte)' ');
        json.Advance(padding);
        var prefix = new byte[LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.WrittenCount);
        RandomAccess.Write(_handle, prefix, 0);
        RandomAccess.Write(_handle, json.WrittenSpan, LengthBytes);
        foreach (Place place in _places.Values)
        {
            place.Start += LengthBytes + json.WrittenCount;
        }
    }

    private static IEnumerable<SafetensorsTensor> WideFirst(IReadOnlyList<SafetensorsTensor> tensors)
    {
        for (int size = 8; size >= 1; size /= 2)
        {
            foreach (SafetensorsTensor tensor in tensors)
            {
                if (SafetensorsElements.SizeInBytes(tensor.Type) == size)
                {
                    yield return tensor;
                }
            }
        }
    }

    private static void WriteEntry(Utf8JsonWriter writer, SafetensorsTensor tensor, long start)
    {
        writer.WriteStartObject(tensor.Name);
        writer.WriteString("dtype", tensor.TypeName);
        writer.WriteStartArray("shape");
        foreach (long size in tensor.Shape)
        {
            writer.WriteNumberValue(size);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(start);
        writer.WriteNumberValue(start + tensor.Bytes);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private Place Claim(string name, long count, bool wantsFloat)
    {
        if (!_places.TryGetValue(name, out Place? place))
        {
            throw new CheckpointException(_path, $"{name}: is not in the header that was written");
        }

        SafetensorsTensor tensor = place.Tensor;
        if (SafetensorsElements.IsFloat(tensor.Type) != wantsFloat)
        {
            throw new CheckpointException(_path, $"{name}: is {tensor.TypeName}, the values given are {(wantsFloat ? "floats" : "integers")}");
        }

        long left = (tensor.Bytes - place.Written) / SafetensorsElements.SizeInBytes(tensor.Type);
        if (count > left)
        {
            throw new CheckpointException(_path, $"{name}: {count} values are given, {tensor.ShapeText} has {left} left");
        }

        return place;
    }

    private void Write(Place place, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, place.Start + place.Written);
            place.Written += bytes.Length;
        }
        catch (IOException failure)
        {
            throw Unwritable(_path, failure);
        }
    }

    private sealed class Place(SafetensorsTensor tensor, long start)
    {
        public SafetensorsTensor Tensor { get; } = tensor;

        public long Start { get; set; } = start;

        public long Written { get; set; }
    }
}
