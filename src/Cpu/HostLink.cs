using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Tensors;

namespace Actors.Cpu;

/// <summary>The link between ranks of one process: rows are copied and summed in host memory, at once.</summary>
public sealed class HostLink : ITensorLink
{
    /// <summary>
    /// From this size on, rows are scattered past the caches: a destination that no cache holds would only be fetched to be
    /// overwritten, and push out what is read next. 4 MiB is more than a core's own cache of any present machine.
    /// </summary>
    public const long DefaultStreamingBytes = 4 << 20;

    /// <summary>Rows of a sum that are asked for ahead.</summary>
    private const int RowsAhead = 2;

    private const nint StreamedBlock = 256;
    private const nint StreamedAlignment = 64;
    private readonly long _streamingBytes;

    /// <summary>Makes a link.</summary>
    /// <param name="streamingBytes">Size of a destination in bytes from which on rows are scattered past the caches.</param>
    public HostLink(long streamingBytes = DefaultStreamingBytes)
    {
        _streamingBytes = streamingBytes;
    }

    /// <inheritdoc/>
    public string Name => "in-process";

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination)
    {
        CheckColumns(nameof(Gather), source, destination);
        CheckRows(nameof(Gather), rows.Length, destination);
        nint rowBytes = (nint)source.Columns * source.Type.SizeInBytes();
        byte* from = (byte*)source.Pointer, to = (byte*)destination.Pointer;
        nint fromStride = Stride(source), toStride = Stride(destination);
        for (int r = 0; r < rows.Length; r++)
        {
            RowCopy.Run(from + (CheckRow(rows[r], source) * fromStride), to + (r * toStride), rowBytes);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination)
    {
        CheckColumns(nameof(Scatter), source, destination);
        ArgumentOutOfRangeException.ThrowIfNotEqual(to.Length, from.Length);
        nint rowBytes = (nint)source.Columns * source.Type.SizeInBytes();
        byte* first = (byte*)source.Pointer, target = (byte*)destination.Pointer;
        nint fromStride = Stride(source), toStride = Stride(destination);
        bool streams = (long)destination.Rows * rowBytes >= _streamingBytes
            && ((nint)target | toStride) % StreamedAlignment == 0 && rowBytes % StreamedBlock == 0;
        for (int i = 0; i < from.Length; i++)
        {
            byte* row = first + (CheckRow(from[i], source) * fromStride);
            byte* place = target + (CheckRow(to[i], destination) * toStride);
            if (streams)
            {
                CopyPastCaches(row, place, rowBytes);
            }
            else
            {
                RowCopy.Run(row, place, rowBytes);
            }
        }

        if (streams)
        {
            // Streamed stores are not ordered with the message that will announce them; a full fence is.
            Interlocked.MemoryBarrier();
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination)
    {
        CheckRows(nameof(Sum), rows.Length / parts.Length, destination);
        Span<Part> known = stackalloc Part[parts.Length];
        Span<nint> present = stackalloc nint[parts.Length];
        ElementType type = ElementType.Float32;
        for (int p = 0; p < parts.Length; p++)
        {
            // An absent part has no rows; the others have one type.
            if (!parts[p].IsAbsent)
            {
                known[p] = new Part(parts[p].Pointer, Stride(parts[p]));
                type = parts[p].Type;
            }
        }

        nint to = destination.Pointer;
        nint toStride = Stride(destination);
        long rowBytes = (long)destination.Columns * type.SizeInBytes();
        int asked = rowBytes <= CacheLine.LongestRow ? destination.Rows - RowsAhead : 0;
        for (int r = 0; r < destination.Rows; r++)
        {
            if (r < asked)
            {
                AskFor(known, rows.Slice((r + RowsAhead) * known.Length, known.Length), (int)rowBytes);
            }

            int count = 0;
            ReadOnlySpan<int> named = rows.Slice(r * known.Length, known.Length);
            for (int p = 0; p < known.Length; p++)
            {
                int row = named[p];
                if (row >= 0)
                {
                    present[count++] = known[p].Pointer + (CheckRow(row, parts[p]) * known[p].Stride);
                }
            }

            HostRowSum.Sum(present[..count], type, to + (r * toStride), destination.Type, destination.Columns);
        }
    }

    /// <inheritdoc/>
    public bool IsIdle => true;

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion) => completion.Completed(null);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void CopyPastCaches(byte* from, byte* to, nint bytes)
    {
        for (nint i = 0; i < bytes; i += StreamedBlock)
        {
            Vector512<byte> a = Vector512.Load(from + i), b = Vector512.Load(from + i + 64);
            Vector512<byte> c = Vector512.Load(from + i + 128), d = Vector512.Load(from + i + 192);
            a.StoreAlignedNonTemporal(to + i);
            b.StoreAlignedNonTemporal(to + i + 64);
            c.StoreAlignedNonTemporal(to + i + 128);
            d.StoreAlignedNonTemporal(to + i + 192);
        }
    }

    /// <summary>Asks for the rows of a sum that follows; other ranks wrote them, so they lie in no cache of this core.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void AskFor(ReadOnlySpan<Part> parts, ReadOnlySpan<int> rows, int bytes)
    {
        for (int p = 0; p < parts.Length; p++)
        {
            if (rows[p] >= 0)
            {
                CacheLine.Prefetch((float*)(parts[p].Pointer + (rows[p] * parts[p].Stride)), bytes / sizeof(float));
            }
        }
    }

    /// <summary>Where a part of a sum lies.</summary>
    private readonly record struct Part(nint Pointer, nint Stride);

    private static nint Stride(Tensor tensor) => (nint)tensor.RowStride * tensor.Type.SizeInBytes();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CheckRow(int row, in Tensor tensor)
    {
        if ((uint)row >= (uint)tensor.Rows)
        {
            ThrowOutside(row, tensor);
        }

        return row;
    }

    private static void ThrowOutside(int row, in Tensor tensor) =>
        throw new ArgumentOutOfRangeException(nameof(row), row, $"A row outside {tensor} was named.");

    private static void CheckRows(string operation, int rows, Tensor tensor)
    {
        if (tensor.Rows != rows)
        {
            throw TensorShapeException.Mismatch(operation, nameof(tensor), tensor, $"{rows} rows");
        }
    }

    private static void CheckColumns(string operation, Tensor source, Tensor destination)
    {
        if (source.Columns != destination.Columns || source.Type != destination.Type)
        {
            throw TensorShapeException.Mismatch(operation, nameof(destination), destination, $"{source.Type}[any, {source.Columns}]");
        }
    }
}
