using Actors.Model.Layers;

namespace Actors.Model.Tests.Layers;

public sealed class RopeTablesTests
{
    [Fact]
    public void Plain_frequencies_fall_with_the_pair() =>
        Assert.Equal([1f, 0.1f, 0.01f, 0.001f], RopeTables.Frequencies(new RopeConfig { Theta = 10000 }, 8));

    [Fact]
    public void Yarn_keeps_fast_pairs_and_interpolates_slow_ones()
    {
        RopeConfig rope = Yarn(mscale: null, all: null);
        float[] plain = RopeTables.Frequencies(new RopeConfig { Theta = 10000 }, 64);
        float[] yarn = RopeTables.Frequencies(rope, 64);
        // Pair of 32 turns in 4096 tokens: 64 ln(4096 / 64π) / (2 ln 10000) = 10.5, of 1 turn: 22.5; so 10 is kept, 23 is a 40th.
        Assert.Equal(plain[..11], yarn[..11]);
        Assert.Equal(plain[23] / 40, yarn[23], 1e-12);
        Assert.InRange(yarn[16], plain[16] / 40, plain[16]);
    }

    [Fact]
    public void The_attention_factor_comes_from_the_mscales()
    {
        double one = 0.1 * Math.Log(40) + 1;
        Assert.Equal(1, RopeTables.AttentionFactor(new RopeConfig()));
        Assert.Equal(one, RopeTables.AttentionFactor(Yarn(null, null)), 1e-15);
        Assert.Equal(1, RopeTables.AttentionFactor(Yarn(1, 1)), 1e-15);
        Assert.Equal(one / (0.05 * Math.Log(40) + 1), RopeTables.AttentionFactor(Yarn(1, 0.5)), 1e-15);
    }

    [Fact]
    public void The_softmax_scale_grows_only_where_mscale_all_dim_is_set()
    {
        ModelConfig config = TinyModel.DefaultConfig;
        double plain = 1 / Math.Sqrt(10);
        double mscale = 0.1 * Math.Log(40) + 1;
        Assert.Equal((float)plain, RopeTables.ShapeOf(config).Scale);
        Assert.Equal((float)plain, RopeTables.ShapeOf(config with { Rope = Yarn(1, null) }).Scale);
        Assert.Equal((float)(plain * mscale * mscale), RopeTables.ShapeOf(config with { Rope = Yarn(1, 1) }).Scale);
    }

    private static RopeConfig Yarn(double? mscale, double? all) =>
        new() { Yarn = new YarnConfig { Factor = 40, OriginalMaxPositions = 4096, Mscale = mscale, MscaleAllDim = all } };
}
