using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Actors.Tensors.Numbers;
using Microsoft.Win32.SafeHandles;

namespace Actors.Model.Checkpoint;

/// <summary>
/// A safetensors file, open for reading: the header is read and checked at once, tensors when asked for.
/// May be read from several threads.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;
    private const int ChunkBytes = 1 << 20;
    private readonly SafeFileHandle _handle;
    private readonly SafetensorsHeader _header;
    private readonly long _dataStart;
    private long _bytesRead;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header, long dataStart)
    {
        Path = path;
        _handle = handle;
        _header = header;
        _dataStart = dataStart;
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _header.Tensors;

    /// <summary>Names in the order in which the data lie in the file.</summary>
    public IReadOnlyList<string> Names => _header.Names;

    /// <summary>The header's free text, such as <c>format</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Bytes of tensors that were read so far.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Opens a file and checks its header against its length.</summary>
    /// <exception cref="CheckpointException">There is no such file, it is truncated, or it is no safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
            (SafetensorsHeader header, long dataStart) = ReadHeader(path, handle);
            var file = new SafetensorsFile(path, handle, header, dataStart);
            handle = null;
            return file;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {AtomicFile.Reason(failure)}", failure);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    public SafetensorsTensor Find(string name) =>
        Tensors.TryGetValue(name, out SafetensorsTensor? tensor)
            ? tensor
            : throw new CheckpointException(Path, $"has no tensor {name}");

    /// <summary>Reads a tensor of F32, BF16, F16 or F64 (rounded) as float32.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, it holds integers, or the file cannot be read.</exception>
    public float[] ReadFloats(string name)
    {
        var values = new float[checked((int)Find(name).Count)];
        ReadFloats(name, values);
        return values;
    }

    /// <summary>Reads a tensor of F32, BF16, F16 or F64 (rounded) as float32.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="values">Output, of the tensor's length.</param>
    /// <exception cref="CheckpointException">There is no such tensor, it holds integers, or the file cannot be read.</exception>
    public void ReadFloats(string name, Span<float> values)
    {
        SafetensorsTensor tensor = Find(name);
        CheckFloat(tensor);
        CheckLength(tensor, values.Length);
        ReadFloats(tensor, 0, values, mustBeFinite: false);
    }

    /// <summary>Reads a tensor of I64, I32, U8 or BOOL.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, it holds fractions, or the file cannot be read.</exception>
    public long[] ReadLongs(string name)
    {
        SafetensorsTensor tensor = Find(name);
        if (!SafetensorsElements.IsInteger(tensor.Type))
        {
            throw new CheckpointException(Path, $"{name}: is {tensor.TypeName}, expected one of I64, I32, U8, BOOL");
        }

        var values = new long[checked((int)tensor.Count)];
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        int step = ChunkBytes / SafetensorsElements.SizeInBytes(tensor.Type);
        for (int done = 0; done < values.Length; done += step)
        {
            Span<long> part = values.AsSpan(done, Math.Min(step, values.Length - done));
            SafetensorsElements.ToLongs(tensor.Type, ReadChunk(tensor, done, part.Length, chunk), part);
        }

        ArrayPool<byte>.Shared.Return(chunk);
        return values;
    }

    /// <summary>Reads values of a float tensor that must be finite.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>.</param>
    /// <param name="start">The first element.</param>
    /// <param name="values">Output, as many as are read.</param>
    /// <exception cref="CheckpointException">The tensor holds no floats, one is not finite, or the file cannot be read.</exception>
    internal void ReadFinite(SafetensorsTensor tensor, long start, Span<float> values)
    {
        CheckFloat(tensor);
        ReadFloats(tensor, start, values, mustBeFinite: true);
    }

    /// <summary>Reads values of a float tensor, finite or not.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>, of a float type.</param>
    /// <param name="start">The first element.</param>
    /// <param name="values">Output, as many as are read.</param>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    internal void ReadFloats(SafetensorsTensor tensor, long start, Span<float> values) => ReadFloats(tensor, start, values, mustBeFinite: false);

    /// <summary>Reads elements of one byte as they are.</summary>
    /// <param name="tensor">One of <see cref="Tensors"/>, of such a type.</param>
    /// <param name="start">The first element.</param>
    /// <param name="bytes">Output, as many as are read.</param>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    internal void ReadBytes(SafetensorsTensor tensor, long start, Span<byte> bytes) => ReadAt(tensor, start, bytes);

    /// <summary>Says that a value is not finite.</summary>
    internal CheckpointException NotFinite(SafetensorsTensor tensor, long index, float value)
    {
        string rounded = tensor.Type == SafetensorsType.F64 ? " as float32" : "";
        return new CheckpointException(
            Path,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{tensor.Name}: the value at {tensor.PlaceText(index)} is {value}{rounded}, every value must be finite: "
                + $"the file is damaged, or its training diverged; take another checkpoint"));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private static (SafetensorsHeader Header, long DataStart) ReadHeader(string path, SafeFileHandle handle)
    {
        long length = RandomAccess.GetLength(handle);
        Span<byte> prefix = stackalloc byte[LengthBytes];
        if (length < LengthBytes)
        {
            throw new CheckpointException(
                path, $"has {length} bytes, fewer than the {LengthBytes} of a header's length: truncated, or no safetensors file");
        }

        ReadExactly(path, handle, prefix, 0);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > SafetensorsHeader.MaxBytes)
        {
            var first = new byte[Math.Min(length, 512)];
            ReadExactly(path, handle, first, 0);
            if (FileContents.Refusal(first) is { } refusal)
            {
                throw new CheckpointException(path, refusal);
            }

            throw new CheckpointException(
                path, $"the header's length is {headerBytes} bytes, allowed are {SafetensorsHeader.MaxBytes}: this is no safetensors file");
        }

        long dataStart = LengthBytes + (long)headerBytes;
        if (dataStart > length)
        {
            throw new CheckpointException(
                path, $"has {length} bytes, its header alone ends at byte {dataStart}: truncated; copy or write it again");
        }

        var json = new byte[headerBytes];
        ReadExactly(path, handle, json, LengthBytes);
        return (SafetensorsHeader.Parse(path, json, length - dataStart), dataStart);
    }

    private static void ReadExactly(string path, SafeFileHandle handle, Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            int read = RandomAccess.Read(handle, bytes, offset);
            if (read == 0)
            {
                throw new CheckpointException(path, $"ends at byte {offset} while it is read: something truncates it");
            }

            bytes = bytes[read..];
            offset += read;
        }
    }

    private void ReadFloats(SafetensorsTensor tensor, long start, Span<float> values, bool mustBeFinite)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        int step = ChunkBytes / SafetensorsElements.SizeInBytes(tensor.Type);
        for (int done = 0; done < values.Length; done += step)
        {
            Span<float> part = values.Slice(done, Math.Min(step, values.Length - done));
            SafetensorsElements.ToFloats(tensor.Type, ReadChunk(tensor, start + done, part.Length, chunk), part);
            if (mustBeFinite && FiniteValues.IndexOfOther(part) is int index and >= 0)
            {
                throw NotFinite(tensor, start + done + index, part[index]);
            }
        }

        ArrayPool<byte>.Shared.Return(chunk);
    }

    private ReadOnlySpan<byte> ReadChunk(SafetensorsTensor tensor, long start, int count, byte[] chunk)
    {
        Span<byte> bytes = chunk.AsSpan(0, count * SafetensorsElements.SizeInBytes(tensor.Type));
        ReadAt(tensor, start, bytes);
        return bytes;
    }

    private void ReadAt(SafetensorsTensor tensor, long start, Span<byte> bytes)
    {
        try
        {
            long offset = _header.Offset(tensor.Name) + start * SafetensorsElements.SizeInBytes(tensor.Type);
            ReadExactly(Path, _handle, bytes, _dataStart + offset);
            Interlocked.Add(ref _bytesRead, bytes.Length);
        }
        catch (IOException failure)
        {
            throw new CheckpointException(Path, $"{tensor.Name}: cannot be read: {AtomicFile.Reason(failure)}", failure);
        }
    }

    private void CheckFloat(SafetensorsTensor tensor)
    {
        if (!SafetensorsElements.IsFloat(tensor.Type))
        {
            throw new CheckpointException(Path, $"{tensor.Name}: is {tensor.TypeName}, expected one of F32, BF16, F16, F64");
        }
    }

    private void CheckLength(SafetensorsTensor tensor, int length)
    {
        if (tensor.Count != length)
        {
            throw new CheckpointException(Path, $"{tensor.Name}: has {tensor.Count} elements {tensor.ShapeText}, {length} are asked for");
        }
    }
}
