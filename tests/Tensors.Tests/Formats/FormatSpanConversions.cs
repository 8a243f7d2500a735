using Actors.Tensors.Formats;

namespace Actors.Tensors.Tests.Formats;

/// <summary>Whole spans convert as their elements do, at lengths around a vector's.</summary>
public sealed class FormatSpanConversions
{
    private static readonly int[] Lengths = [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1000];

    [Fact]
    public void BFloat16_spans_equal_single_conversions()
    {
        foreach (int length in Lengths)
        {
            float[] values = Values(length);
            var codes = new ushort[length];
            var back = new float[length];
            BFloat16.FromSingle(values, codes);
            BFloat16.ToSingle(codes, back);
            Assert.Equal(Array.ConvertAll(values, x => BFloat16.FromSingle(x)), codes);
            Assert.Equal(Array.ConvertAll(codes, x => BFloat16.ToSingle(x)), back);
            BFloat16.Round(values, values);
            Assert.Equal(back, values);
        }
    }

    [Fact]
    public void FP8_spans_equal_single_conversions()
    {
        foreach (int length in Lengths)
        {
            float[] values = Values(length);
            var codes = new byte[length];
            var back = new float[length];
            E4M3.FromSingle(values, codes);
            Assert.Equal(Array.ConvertAll(values, x => E4M3.FromSingle(x)), codes);
            E4M3.FromSingleSaturating(values, codes);
            Assert.Equal(Array.ConvertAll(values, x => E4M3.FromSingleSaturating(x)), codes);
            E4M3.ToSingle(codes, back);
            Assert.Equal(Array.ConvertAll(codes, x => E4M3.ToSingle(x)), back);
            E5M2.FromSingle(values, codes);
            Assert.Equal(Array.ConvertAll(values, x => E5M2.FromSingle(x)), codes);
            E5M2.FromSingleSaturating(values, codes);
            Assert.Equal(Array.ConvertAll(values, x => E5M2.FromSingleSaturating(x)), codes);
            E5M2.ToSingle(codes, back);
            Assert.Equal(Array.ConvertAll(codes, x => E5M2.ToSingle(x)), back);
        }
    }

    [Fact]
    public void E5M6_spans_equal_single_conversions()
    {
        foreach (int length in Lengths)
        {
            float[] values = Values(length);
            var codes = new ushort[length];
            var back = new float[length];
            E5M6.FromSingle(values, codes);
            Assert.Equal(Array.ConvertAll(values, x => E5M6.FromSingle(x)), codes);
            E5M6.FromSingleSaturating(values, codes);
            Assert.Equal(Array.ConvertAll(values, x => E5M6.FromSingleSaturating(x)), codes);
            E5M6.ToSingle(codes, back);
            Assert.Equal(Array.ConvertAll(codes, x => E5M6.ToSingle(x)), back);
        }
    }

    [Fact]
    public void A_short_destination_is_refused()
    {
        Assert.Throws<ArgumentException>(() => BFloat16.FromSingle(new float[3], new ushort[2]));
        Assert.Throws<ArgumentException>(() => BFloat16.Round(new float[3], new float[2]));
        Assert.Throws<ArgumentException>(() => E4M3.ToSingle(new byte[3], new float[2]));
    }

    private static float[] Values(int length)
    {
        var random = new Random(length);
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            // Any bits: NaN, infinities and subnormals too.
            values[i] = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
        }

        return values;
    }
}
