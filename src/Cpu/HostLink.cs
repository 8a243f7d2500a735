using System.Numerics;
using System.Runtime.CompilerServices;
using Actors.Tensors;

namespace Actors.Cpu;

/// <summary>The link between ranks of one process: rows are copied and summed in host memory, at once.</summary>
public sealed class HostLink : ITensorLink
{
    /// <inheritdoc/>
    public string Name => "in-process";

    /// <inheritdoc/>
    public unsafe void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination)
    {
        CheckColumns(nameof(Gather), source, destination);
        CheckRows(nameof(Gather), rows.Length, destination);
        nint rowBytes = (nint)source.Columns * source.Type.SizeInBytes();
        byte* from = (byte*)source.Pointer, to = (byte*)destination.Pointer;
        nint fromStride = Stride(source), toStride = Stride(destination);
        for (int r = 0; r < rows.Length; r++)
        {
            Buffer.MemoryCopy(from + (CheckRow(rows[r], source) * fromStride), to + (r * toStride), rowBytes, rowBytes);
        }
    }

    /// <inheritdoc/>
    public unsafe void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination)
    {
        CheckColumns(nameof(Scatter), source, destination);
        ArgumentOutOfRangeException.ThrowIfNotEqual(to.Length, from.Length);
        nint rowBytes = (nint)source.Columns * source.Type.SizeInBytes();
        byte* first = (byte*)source.Pointer, target = (byte*)destination.Pointer;
        nint fromStride = Stride(source), toStride = Stride(destination);
        for (int i = 0; i < from.Length; i++)
        {
            byte* row = first + (CheckRow(from[i], source) * fromStride);
            Buffer.MemoryCopy(row, target + (CheckRow(to[i], destination) * toStride), rowBytes, rowBytes);
        }
    }

    /// <inheritdoc/>
    public unsafe void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination)
    {
        CheckRows(nameof(Sum), rows.Length / parts.Length, destination);
        Span<nint> present = stackalloc nint[parts.Length];
        ElementType type = ElementType.Float32;
        for (int r = 0; r < destination.Rows; r++)
        {
            int count = 0;
            for (int p = 0; p < parts.Length; p++)
            {
                int row = rows[(r * parts.Length) + p];
                if (row >= 0)
                {
                    Tensor part = parts[p];
                    type = part.Type;
                    present[count++] = part.Pointer + (CheckRow(row, part) * Stride(part));
                }
            }

            SumRow(present[..count], type, destination.Pointer + (r * Stride(destination)), destination.Type, destination.Columns);
        }
    }

    /// <inheritdoc/>
    public unsafe void Accumulate(Tensor source, ReadOnlySpan<int> rows, ReadOnlySpan<bool> add, Tensor destination)
    {
        if (source.Columns != destination.Columns || destination.Type != ElementType.Float32)
        {
            throw TensorShapeException.Mismatch(nameof(Accumulate), nameof(destination), destination, $"Float32[any, {source.Columns}]");
        }

        CheckRows(nameof(Accumulate), rows.Length, source);
        Span<nint> terms = stackalloc nint[2];
        for (int r = 0; r < rows.Length; r++)
        {
            nint from = source.Pointer + (r * Stride(source));
            nint to = destination.Pointer + (CheckRow(rows[r], destination) * Stride(destination));
            if (source.Type == ElementType.Float32)
            {
                terms[0] = add[r] ? to : from;
                terms[1] = from;
                SumRow(terms[..(add[r] ? 2 : 1)], ElementType.Float32, to, ElementType.Float32, source.Columns);
            }
            else
            {
                AddBFloat16((ushort*)from, (float*)to, source.Columns, add[r]);
            }
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

    private static unsafe void SumRow(ReadOnlySpan<nint> terms, ElementType type, nint to, ElementType toType, int columns)
    {
        if (terms.Length == 1 && type == toType)
        {
            nint bytes = (nint)columns * type.SizeInBytes();
            Buffer.MemoryCopy((void*)terms[0], (void*)to, bytes, bytes);
            return;
        }

        int c = 0;
        if (type == ElementType.Float32 && toType == ElementType.Float32)
        {
            for (; c <= columns - Vector<float>.Count; c += Vector<float>.Count)
            {
                Vector<float> sum = Vector.Load((float*)terms[0] + c);
                for (int t = 1; t < terms.Length; t++)
                {
                    sum += Vector.Load((float*)terms[t] + c);
                }

                sum.Store((float*)to + c);
            }
        }
        else if (type == ElementType.BFloat16 && toType == ElementType.BFloat16)
        {
            for (; c <= columns - Vector<ushort>.Count; c += Vector<ushort>.Count)
            {
                (Vector<float> low, Vector<float> high) = Widen(Vector.Load((ushort*)terms[0] + c));
                for (int t = 1; t < terms.Length; t++)
                {
                    (Vector<float> a, Vector<float> b) = Widen(Vector.Load((ushort*)terms[t] + c));
                    low += a;
                    high += b;
                }

                Narrow(low, high).Store((ushort*)to + c);
            }
        }

        for (; c < columns; c++)
        {
            float sum = Read(terms[0], type, c);
            for (int t = 1; t < terms.Length; t++)
            {
                sum += Read(terms[t], type, c);
            }

            Write(to, toType, c, sum);
        }
    }

    private static unsafe void AddBFloat16(ushort* from, float* to, int columns, bool add)
    {
        int c = 0;
        for (; c <= columns - Vector<ushort>.Count; c += Vector<ushort>.Count)
        {
            (Vector<float> low, Vector<float> high) = Widen(Vector.Load(from + c));
            if (add)
            {
                low = Vector.Load(to + c) + low;
                high = Vector.Load(to + c + Vector<float>.Count) + high;
            }

            low.Store(to + c);
            high.Store(to + c + Vector<float>.Count);
        }

        for (; c < columns; c++)
        {
            float value = Read((nint)from, ElementType.BFloat16, c);
            to[c] = add ? to[c] + value : value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Low, Vector<float> High) Widen(Vector<ushort> bits)
    {
        Vector.Widen(bits, out Vector<uint> low, out Vector<uint> high);
        return ((low << 16).As<uint, float>(), (high << 16).As<uint, float>());
    }

    /// <summary>Rounds to nearest, ties to even; a NaN stays a NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<ushort> Narrow(Vector<float> low, Vector<float> high) => Vector.Narrow(Round(low), Round(high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Round(Vector<float> values)
    {
        Vector<uint> bits = values.As<float, uint>();
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + ((bits >> 16) & Vector<uint>.One)) >> 16;
        Vector<uint> quiet = (bits >> 16) | new Vector<uint>(0x40);
        return Vector.ConditionalSelect(Vector.Equals(values, values).As<int, uint>(), rounded, quiet);
    }

    private static unsafe float Read(nint row, ElementType type, int column) => type == ElementType.Float32
        ? ((float*)row)[column]
        : BitConverter.UInt32BitsToSingle((uint)((ushort*)row)[column] << 16);

    private static unsafe void Write(nint row, ElementType type, int column, float value)
    {
        if (type == ElementType.Float32)
        {
            ((float*)row)[column] = value;
        }
        else
        {
            uint bits = BitConverter.SingleToUInt32Bits(value);
            ((ushort*)row)[column] = (ushort)(float.IsNaN(value) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }

    private static nint Stride(Tensor tensor) => (nint)tensor.RowStride * tensor.Type.SizeInBytes();

    private static int CheckRow(int row, Tensor tensor) => (uint)row < (uint)tensor.Rows
        ? row
        : throw new ArgumentOutOfRangeException(nameof(row), row, $"A row outside {tensor} was named.");

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
