using Actors.Gpu.Operations;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Tests.Operations;

/// <summary>What attention launches without knowing how long sequences are, and what its kernels take of a card.</summary>
public sealed class AttentionViewsTests
{
    private static readonly AttentionShape Shape = new(16, 64, 32, 64, 0.1f);

    [Fact]
    public void There_are_tiles_for_any_lengths()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 1000; trial++)
        {
            int sequences = 1 + random.Next(12), tileRows = 32 << random.Next(3), rows = 0, tiles = 0;
            for (int i = 0; i < sequences; i++)
            {
                int length = random.Next(3) * tileRows + random.Next(3);
                rows += length;
                tiles += (length + tileRows - 1) / tileRows;
            }

            Assert.InRange(tiles, 0, new AttentionViews(default, default, default, new SequenceList(0, sequences), rows, Shape).Tiles(tileRows));
        }
    }

    [Fact]
    public void The_gradients_scratch_has_each_head_s_share_of_the_shared_keys() =>
        Assert.Equal(8192L * 16 * 33 * sizeof(float), AttentionKernels.ScratchBytes(8192, Shape));

    [Fact]
    public void Decoding_s_scratch_has_latent_queries_and_sixteen_parts() =>
        Assert.Equal(4L * 16 * (512 + 16 * 514) * sizeof(float), LatentAttentionKernels.ScratchBytes(4, 16, 512));

    [Theory]
    [InlineData(16, 99)]
    [InlineData(64, 163)]
    public void Decoding_s_tiles_fit_into_the_shared_memory_of_their_cards(int heads, int kibibytes) =>
        Assert.InRange(TensorLatentPart.SharedBytes(heads), 0, kibibytes * 1024);

    /// <summary>A multiprocessor of Hopper has 228 KiB, of which a block takes one beside its own.</summary>
    [Fact]
    public void Two_blocks_of_Hopper_s_decoding_share_a_multiprocessor() =>
        Assert.InRange(TensorLatentPart.BulkSharedBytes, 0, (228 / 2 - 1) * 1024);
}
