using System.Runtime.InteropServices;
using System.Text;
using Actors.Tensors;
using Actors.Tensors.Numbers;

namespace Actors.Model.Parameters;

/// <summary>Fresh values: SplitMix64 keyed by seed and name, made normal by Box and Muller.</summary>
internal static class Initialization
{
    private const int ChunkElements = 1 << 16;

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
        var chunk = new float[Math.Min(ChunkElements, flat.Columns)];
        for (int row = 0; row < flat.Rows; row++)
        {
            for (int start = 0; start < flat.Columns; start += chunk.Length)
            {
                Span<float> values = chunk.AsSpan(0, Math.Min(chunk.Length, flat.Columns - start));
                if (initial == InitialValue.One)
                {
                    values.Fill(1);
                }
                else
                {
                    FillNormal(values, deviation, ref state);
                }

                stream.Upload(MemoryMarshal.AsBytes(values), flat.RowRange(row, 1).ColumnRange(start, values.Length));
            }
        }
    }

    private static void FillNormal(Span<float> values, double deviation, ref ulong state)
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
