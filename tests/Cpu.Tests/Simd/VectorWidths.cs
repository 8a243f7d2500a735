using System.Runtime.Intrinsics;
using Actors.Cpu.Simd.Products;

namespace Actors.Cpu.Tests.Simd;

/// <summary>A machine with narrower vectors computes the same bits.</summary>
public sealed unsafe class VectorWidths
{
    private const int Depth = 37;

    [Fact]
    public void A_tile_has_the_same_bits_at_every_width_by_rows()
    {
        float[] wide = Tile<Vector512<float>, Width512, ByRow>();
        Assert.Equal(wide, Tile<Vector256<float>, Width256, ByRow>());
        Assert.Equal(wide, Tile<Vector128<float>, Width128, ByRow>());
    }

    [Fact]
    public void A_tile_has_the_same_bits_at_every_width_by_steps()
    {
        float[] wide = Tile<Vector512<float>, Width512, ByStep>();
        Assert.Equal(wide, Tile<Vector256<float>, Width256, ByStep>());
        Assert.Equal(wide, Tile<Vector128<float>, Width128, ByStep>());
    }

    /// <summary>Five rows of 32 columns, whatever the number of panels that takes.</summary>
    private static float[] Tile<TVector, TWidth, TLayout>()
        where TVector : struct
        where TWidth : struct, IVectorWidth<TVector>
        where TLayout : struct, ILeftLayout
    {
        var random = new Random(3);
        float[] left = Random(random, 5 * Depth), right = Random(random, 32 * Depth), result = Random(random, 5 * 32);
        fixed (float* a = left, b = right, c = result)
        {
            var strip = new Strip
            {
                A = a,
                AStride = TLayout.StepsTogether ? 5 : Depth,
                B = b,
                BStep = 32,
                BPanel = 2 * TWidth.Lanes,
                Depth = Depth,
                C = c,
                CStride = 32,
                Panels = 16 / TWidth.Lanes,
                Accumulate = true,
            };
            TileKernel<TVector, TWidth>.Run<Five, Two, TLayout>(strip);
        }

        return result;
    }

    private static float[] Random(Random random, int count)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }

        return values;
    }
}
