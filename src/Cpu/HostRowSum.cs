using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Tensors;

namespace Actors.Cpu;

/// <summary>Sums of rows in the order in which they are given, in float32, rounded once at the end; the first is copied, no term is zero.</summary>
internal static unsafe class HostRowSum
{
    /// <summary>Sums one row.</summary>
    /// <param name="terms">Rows to add.</param>
    /// <param name="type">Their type, Float32 or BFloat16.</param>
    /// <param name="to">Where the sum goes.</param>
    /// <param name="toType">Float32 or BFloat16.</param>
    /// <param name="columns">Elements of a row.</param>
    public static void Sum(ReadOnlySpan<nint> terms, ElementType type, nint to, ElementType toType, int columns)
    {
        if (terms.Length == 1 && type == toType)
        {
            nint bytes = (nint)columns * type.SizeInBytes();
            RowCopy.Run((byte*)terms[0], (byte*)to, bytes);
            return;
        }

        if (terms.IsEmpty)
        {
            new Span<byte>((void*)to, columns * toType.SizeInBytes()).Clear();
            return;
        }

        int c = type == ElementType.Float32
            ? toType == ElementType.Float32 ? SumFloat32(terms, (float*)to, columns) : 0
            : toType == ElementType.Float32 ? SumBFloat16(terms, (float*)to, columns) : SumBFloat16(terms, (ushort*)to, columns);
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

    /// <summary>Sums the columns that fill vectors; says how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SumFloat32(ReadOnlySpan<nint> terms, float* to, int columns)
    {
        int c = 0;
        // Four lines of a term at a time: what the loop over terms costs is shared, and many terms are else too many short runs of addresses.
        for (; c <= columns - (4 * Vector512<float>.Count); c += 4 * Vector512<float>.Count)
        {
            Four((float*)terms[0] + c, out Vector512<float> s0, out Vector512<float> s1, out Vector512<float> s2, out Vector512<float> s3);
            for (int t = 1; t < terms.Length; t++)
            {
                Four((float*)terms[t] + c, out Vector512<float> x0, out Vector512<float> x1, out Vector512<float> x2, out Vector512<float> x3);
                s0 += x0;
                s1 += x1;
                s2 += x2;
                s3 += x3;
            }

            s0.Store(to + c);
            s1.Store(to + c + Vector512<float>.Count);
            s2.Store(to + c + (2 * Vector512<float>.Count));
            s3.Store(to + c + (3 * Vector512<float>.Count));
        }

        for (; c <= columns - Vector512<float>.Count; c += Vector512<float>.Count)
        {
            Vector512<float> sum = Vector512.Load((float*)terms[0] + c);
            for (int t = 1; t < terms.Length; t++)
            {
                sum += Vector512.Load((float*)terms[t] + c);
            }

            sum.Store(to + c);
        }

        return c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(float* x, out Vector512<float> a, out Vector512<float> b, out Vector512<float> c, out Vector512<float> d)
    {
        a = Vector512.Load(x);
        b = Vector512.Load(x + Vector512<float>.Count);
        c = Vector512.Load(x + (2 * Vector512<float>.Count));
        d = Vector512.Load(x + (3 * Vector512<float>.Count));
    }

    /// <summary>The same, of bfloat16 terms.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SumBFloat16(ReadOnlySpan<nint> terms, float* to, int columns)
    {
        int c = 0;
        for (; c <= columns - Vector512<ushort>.Count; c += Vector512<ushort>.Count)
        {
            (Vector512<float> low, Vector512<float> high) = SumColumns(terms, c);
            low.Store(to + c);
            high.Store(to + c + Vector512<float>.Count);
        }

        return c;
    }

    /// <summary>The same, rounded to bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SumBFloat16(ReadOnlySpan<nint> terms, ushort* to, int columns)
    {
        int c = 0;
        for (; c <= columns - Vector512<ushort>.Count; c += Vector512<ushort>.Count)
        {
            (Vector512<float> low, Vector512<float> high) = SumColumns(terms, c);
            Vector512.Narrow(Round(low), Round(high)).Store(to + c);
        }

        return c;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Low, Vector512<float> High) SumColumns(ReadOnlySpan<nint> terms, int column)
    {
        (Vector512<float> low, Vector512<float> high) = Widen(Vector512.Load((ushort*)terms[0] + column));
        for (int t = 1; t < terms.Length; t++)
        {
            (Vector512<float> a, Vector512<float> b) = Widen(Vector512.Load((ushort*)terms[t] + column));
            low += a;
            high += b;
        }

        return (low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Low, Vector512<float> High) Widen(Vector512<ushort> bits)
    {
        (Vector512<uint> low, Vector512<uint> high) = Vector512.Widen(bits);
        return ((low << 16).AsSingle(), (high << 16).AsSingle());
    }

    /// <summary>Upper halves, rounded to nearest, ties to even; a NaN stays a NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Round(Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
        Vector512<uint> quiet = (bits >>> 16) | Vector512.Create(0x40u);
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, quiet);
    }

    private static float Read(nint row, ElementType type, int column) => type == ElementType.Float32
        ? ((float*)row)[column]
        : BitConverter.UInt32BitsToSingle((uint)((ushort*)row)[column] << 16);

    private static void Write(nint row, ElementType type, int column, float value)
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
}
