using System.Runtime.Intrinsics;
using Actors.Cpu.Simd;

namespace Actors.Cpu.Tests.Simd;

public sealed class ExponentialAccuracy
{
    [Fact]
    public void Exp_is_within_a_unit_in_the_last_place()
    {
        double worst = 0;
        foreach (float x in Samples(-87, 88))
        {
            double expected = Math.Exp(x);
            double found = Exponential.Exp(Vector512.Create(x))[0];
            double unit = MathF.BitIncrement((float)expected) - (float)expected;
            worst = Math.Max(worst, Math.Abs(found - expected) / unit);
        }

        Assert.True(worst <= 1, $"e^x is {worst:f2} units in the last place away.");
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_meets_special_values(float x, float expected) => Assert.Equal(expected, Exponential.Exp(Vector512.Create(x))[7]);

    [Theory]
    [InlineData(-88f, 0f)]
    [InlineData(-1000f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(89f, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    public void A_sigmoid_ends_at_0_and_1(float x, float expected) =>
        Assert.Equal(expected, Exponential.Sigmoid(Vector512.Create(x))[7], 1e-38f);

    [Fact]
    public void The_gates_sigmoid_is_the_nearest_float()
    {
        int wrong = 0;
        foreach (float x in Samples(-60, 60))
        {
            wrong += Exponential.PreciseSigmoid(Vector512.Create(x))[0] == (float)(1 / (1 + Math.Exp(-(double)x))) ? 0 : 1;
        }

        // An error of 1e-11 moves the rounding only within 1e-11 of a midpoint: one value in some 3,000.
        Assert.InRange(wrong, 0, 60_000 / 3_000);
    }

    private static IEnumerable<float> Samples(float least, float most)
    {
        const int Count = 60_000;
        for (int i = 0; i <= Count; i++)
        {
            yield return least + (most - least) * (i / (float)Count);
        }
    }
}
