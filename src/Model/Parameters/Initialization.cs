using System.Runtime.InteropServices;
using System.Text;
using Actors.Tensors;
using Actors.Tensors.Numbers;

namespace Actors.Model.Parameters;

/// <summary>Fresh values: SplitMix64 keyed by seed and name, made normal by Box and Muller.</summary>
internal static class Initialization
{
    /// <summary>Values that one thread draws at a time: pairs, which do not go from one to the next.</summary>
    private const int ChunkElements = 1 << 16;

    /// <summary>Values that are drawn before they are written.</summary>
    private const int BatchElements = 64 * ChunkElements;

    /// <summary>Fills a contiguous tensor.</summary>
    public static void Fill(IStream stream, Tensor tensor, string name, InitialValue initial, double deviation, ulong seed)
    {
        if (initial == InitialValue.Zero)
        {
            stream.Zero(tensor);
            return;
        }

        ulong state = Key(seed, name);
        Tensor flat = tensor.Count <= int.MaxValue ? tensor.Reshape(1, (int)tensor.Count) : tensor;
        var batch = new float[Math.Min(BatchElements, flat.Columns)];
        for (int row = 0; row < flat.Rows; row++)
        {
            for (int start = 0; start < flat.Columns; start += batch.Length)
            {
                int count = Math.Min(batch.Length, flat.Columns - start);
                if (initial == InitialValue.One)
                {
                    batch.AsSpan(0, count).Fill(1);
                }
                else
                {
                    FillNormal(batch, count, deviation, ref state);
                }

                stream.Upload(MemoryMarshal.AsBytes(batch.AsSpan(0, count)), flat.RowRange(row, 1).ColumnRange(start, count));
            }
        }
    }

    /// <summary>Fills the first values. The stream of numbers is a counter's, so threads begin where their chunk does, and the values are those of one thread.</summary>
    private static void FillNormal(float[] values, int count, double deviation, ref ulong state)
    {
        ulong first = state;
        int chunks = (count + ChunkElements - 1) / ChunkElements;
        if (chunks == 1)
        {
            FillChunk(values.AsSpan(0, count), deviation, first);
        }
        else
        {
            Parallel.For(0, chunks, chunk =>
            {
                int start = chunk * ChunkElements;
                FillChunk(values.AsSpan(start, Math.Min(ChunkElements, count - start)), deviation, SplitMix64.Skip(first, start));
            });
        }

        // The last of an odd number has drawn for a pair.
        state = SplitMix64.Skip(first, count + (count % 2));
    }

    private static void FillChunk(Span<float> values, double deviation, ulong state)
    {
        for (int i = 0; i < values.Length; i += 2)
        {
            double radius = deviation * Math.Sqrt(-2 * Math.Log(1 - SplitMix64.NextUniform(ref state)));
            (double sin, double cos) = Math.SinCos(2 * Math.PI * SplitMix64.NextUniform(ref state));
            values[i] = (float)(radius * cos);
            if (i + 1 < values.Length)
            {
                values[i + 1] = (float)(radius * sin);
            }
        }
    }

    /// <summary>FNV-1a of the name, mixed with the seed.</summary>
    private static ulong Key(ulong seed, string name)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 1099511628211;
        }

        ulong state = seed;
        return hash ^ SplitMix64.Next(ref state);
    }
}
