using System.Runtime.InteropServices;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>Matrices in FP8 as files have them, and their values by a decoder of its own: bit by bit, in double.</summary>
internal static class ScaledTensors
{
    public const int Block = 128;

    /// <summary>A matrix of random codes, none of them NaN.</summary>
    public static RawTensor Codes(string name, int rows, int columns, int seed)
    {
        var bytes = new byte[rows * columns];
        new Random(seed).NextBytes(bytes);
        return new RawTensor(name, "F8_E4M3", [rows, columns], [.. bytes.Select(code => (code & 0x7F) == 0x7F ? (byte)(code - 1) : code)]);
    }

    /// <summary>Scales of any mantissa.</summary>
    public static RawTensor Scales(RawTensor codes, int seed)
    {
        long[] shape = Blocks(codes);
        var random = new Random(seed);
        return RawTensor.Floats(codes.Name + "_scale_inv", shape, [.. Enumerable.Range(0, (int)(shape[0] * shape[1])).Select(_ => random.NextSingle() + 1e-3f)]);
    }

    /// <summary>Scales that are powers of two, a byte each.</summary>
    public static RawTensor Exponents(RawTensor codes, int seed)
    {
        long[] shape = Blocks(codes);
        var random = new Random(seed);
        return new RawTensor(codes.Name + "_scale_inv", "F8_E8M0", shape, [.. Enumerable.Range(0, (int)(shape[0] * shape[1])).Select(_ => (byte)random.Next(90, 140))]);
    }

    /// <summary>The values: code · scale, rounded to float32 once.</summary>
    public static float[] Values(RawTensor codes, RawTensor scales)
    {
        (long columns, long across) = (codes.Shape[1], scales.Shape[1]);
        return [.. codes.Bytes.Select((code, i) => (float)(Decode(code) * Scale(scales, ((i / columns / Block) * across) + (i % columns / Block))))];
    }

    /// <summary>Sign, four bits of exponent with bias 7, three of mantissa.</summary>
    private static double Decode(byte code)
    {
        int exponent = (code >> 3) & 15, mantissa = code & 7;
        double magnitude = exponent == 0 ? mantissa / 8.0 * Math.Pow(2, -6) : (1 + (mantissa / 8.0)) * Math.Pow(2, exponent - 7);
        return (code & 0x80) != 0 ? -magnitude : magnitude;
    }

    private static double Scale(RawTensor scales, long block) => scales.Type == "F8_E8M0"
        ? Math.Pow(2, scales.Bytes[block] - 127)
        : MemoryMarshal.Cast<byte, float>(scales.Bytes)[(int)block];

    private static long[] Blocks(RawTensor codes) => [(codes.Shape[0] + Block - 1) / Block, (codes.Shape[1] + Block - 1) / Block];
}
