using System.Runtime.Intrinsics;
using Actors.Cpu.Simd.Products;

namespace Actors.Cpu.Tests.Simd;

/// <summary>A machine with narrower vectors computes the same bits.</summary>
public sealed unsafe class VectorWidths
{
    private const int Depth = 37;

    private const int Rows = 5;
    private const int Columns = 64;

    [Fact]
    public void A_tile_has_the_same_bits_at_every_width_by_rows() => AssertSameBits<ByRow>();

    [Fact]
    public void A_tile_has_the_same_bits_at_every_width_by_steps() => AssertSameBits<ByStep>();

    private static void AssertSameBits<TLayout>()
        where TLayout : struct, ILeftLayout
    {
        float[] expected = Result<TLayout>(2 * Width512.Lanes, TileKernel<Vector512<float>, Width512>.Run<Five, Two, TLayout>);
        Assert.Equal(expected, Result<TLayout>(2 * Width256.Lanes, TileKernel<Vector256<float>, Width256>.Run<Five, Two, TLayout>));
        Assert.Equal(expected, Result<TLayout>(2 * Width128.Lanes, TileKernel<Vector128<float>, Width128>.Run<Five, Two, TLayout>));
        Assert.Equal(expected, Result<TLayout>(4 * Width512.Lanes, WideTileKernel<Vector512<float>, Width512>.Run<Five, Four, TLayout>));
        Assert.Equal(expected, Result<TLayout>(4 * Width256.Lanes, WideTileKernel<Vector256<float>, Width256>.Run<Five, Four, TLayout>));
        Assert.Equal(expected, Result<TLayout>(4 * Width128.Lanes, WideTileKernel<Vector128<float>, Width128>.Run<Five, Four, TLayout>));
    }

    /// <summary>Five rows of 64 columns, in as many panels as the width asks for.</summary>
    private static float[] Result<TLayout>(int panelColumns, Kernel kernel)
        where TLayout : struct, ILeftLayout
    {
        var random = new Random(3);
        float[] left = Random(random, Rows * Depth), right = Random(random, Columns * Depth), result = Random(random, Rows * Columns);
        fixed (float* a = left, b = right, c = result)
        {
            kernel(new Strip
            {
                A = a,
                AStride = TLayout.StepsTogether ? Rows : Depth,
                B = b,
                BStep = Columns,
                BPanel = panelColumns,
                Depth = Depth,
                C = c,
                CStride = Columns,
                Panels = Columns / panelColumns,
                Count = 1,
                Accumulate = true,
            });
        }

        return result;
    }

    private delegate void Kernel(in Strip strip);

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
