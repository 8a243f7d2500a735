using System.Numerics;
using System.Runtime.InteropServices;
using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Model.Checkpoint;

/// <summary>Quantizes a matrix for a file, a strip of 128 rows after the other: the codes and scales that devices compute of its blocks (<see cref="TileScale"/>).</summary>
internal static class BlockQuantizer
{
    /// <summary>Quantizes the blocks of a strip, several at once.</summary>
    /// <param name="strip">Values (at most 128 rows, <paramref name="columns"/>), finite.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="codes">Output, E4M3, as many as values.</param>
    /// <param name="scales">Output, one for each block of columns.</param>
    public static void Quantize(ReadOnlyMemory<float> strip, int columns, Memory<byte> codes, Memory<float> scales) =>
        Parallel.For(0, scales.Length, block => scales.Span[block] = QuantizeBlock(strip.Span, columns, block * BlockScales.BlockElements, codes.Span));

    /// <summary>Quantizes the block that begins at a column.</summary>
    /// <returns>Its scale.</returns>
    private static float QuantizeBlock(ReadOnlySpan<float> strip, int columns, int first, Span<byte> codes)
    {
        int count = Math.Min(BlockScales.BlockElements, columns - first);
        Span<float> scaled = stackalloc float[count];
        float magnitude = 0;
        for (int start = first; start < strip.Length; start += columns)
        {
            magnitude = Largest(magnitude, strip.Slice(start, count));
        }

        float scale = TileScale.OfE4M3(magnitude, ScaleKind.Float32);
        for (int start = first; start < strip.Length; start += columns)
        {
            Divide(strip.Slice(start, count), scale, scaled);
            E4M3.FromSingleSaturating(scaled, codes.Slice(start, count));
        }

        return scale;
    }

    private static float Largest(float magnitude, ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var largest = new Vector<float>(magnitude);
        foreach (Vector<float> vector in vectors)
        {
            largest = Vector.Max(largest, Vector.Abs(vector));
        }

        for (int i = 0; i < Vector<float>.Count; i++)
        {
            magnitude = MathF.Max(magnitude, largest[i]);
        }

        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            magnitude = TileScale.Larger(magnitude, value);
        }

        return magnitude;
    }

    private static void Divide(ReadOnlySpan<float> values, float scale, Span<float> quotients)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Span<Vector<float>> results = MemoryMarshal.Cast<float, Vector<float>>(quotients);
        var divisor = new Vector<float>(scale);
        for (int i = 0; i < vectors.Length; i++)
        {
            results[i] = vectors[i] / divisor;
        }

        for (int i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
        {
            quotients[i] = values[i] / scale;
        }
    }
}
