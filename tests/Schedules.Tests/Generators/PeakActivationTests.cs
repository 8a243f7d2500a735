using Actors.Schedules.Checking;

namespace Actors.Schedules.Tests.Generators;

/// <summary>
/// The most chunks whose activations a rank holds, exactly, at every size up to 16 ranks and 64 micro-batches. With V stages a rank a chunk
/// is a V-th of a rank's layers, so 2N half chunks are the N chunks of 1F1B.
/// </summary>
public class PeakActivationTests
{
    [Fact]
    public void GPipe_holds_every_micro_batch()
        => AssertPeaks("gpipe", 1, (size, _) => size.MicroBatches);

    [Fact]
    public void OneForwardOneBackward_holds_as_many_as_ranks_remain()
        => AssertPeaks("1f1b", 1, (size, rank) => Math.Min(size.MicroBatches, size.Ranks - rank));

    [Fact]
    public void ZB1P_holds_the_peak_of_1F1B_on_every_rank()
        => AssertPeaks("zb1p", 1, (size, _) => Math.Min(size.MicroBatches, size.Ranks));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Interleaved_1F1B_holds_a_round_on_all_but_one_stage_and_two_for_each_rank_behind(int stages)
        => AssertPeaks("interleaved-1f1b", stages, (size, rank)
            => Math.Min(stages * size.MicroBatches, ((stages - 1) * RoundOf(size)) + (2 * (size.Ranks - 1 - rank)) + 1));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Interleaved_zero_bubble_holds_a_round_on_all_but_one_stage_and_one_for_each_rank(int stages)
        => AssertPeaks("interleaved-zero-bubble", stages, (size, _)
            => Math.Min(stages * size.MicroBatches, ((stages - 1) * RoundOf(size)) + size.Ranks));

    [Fact]
    public void ZBV_holds_the_peak_of_1F1B_on_every_rank_once_the_pipeline_is_full()
        => AssertPeaks("zbv", 2, (size, _) => size.MicroBatches < (2 * size.Ranks) - 1 ? null : 2 * size.Ranks);

    [Fact]
    public void Chimera_holds_from_half_the_ranks_and_one_to_as_many_as_ranks()
        => AssertPeaks("chimera", 1, (size, rank) => size.MicroBatches < size.Ranks
            ? null
            : (size.Ranks / 2) + 1 + Math.Min(rank, size.Ranks - 1 - rank));

    [Fact]
    public void DualPipe_holds_one_more_than_ranks()
        => AssertPeaks("dualpipe", 1, (size, _) => size.Ranks + 1);

    [Fact]
    public void DualPipeV_holds_one_more_than_stages()
        => AssertPeaks("dualpipev", 2, (size, _) => (2 * size.Ranks) + 1);

    // PyTorch's rule: as many rounds as the ranks go into the micro-batches.
    private static int RoundOf(PipelineSize size) => size.MicroBatches / Math.Max(1, size.MicroBatches / size.Ranks);

    // A peak of null is not told.
    private static void AssertPeaks(string name, int stages, Func<PipelineSize, int, int?> peakOf)
    {
        Assert.True(ScheduleCatalog.TryFind(name, out var schedule, out _));
        for (var ranks = 1; ranks <= 16; ranks++)
        {
            for (var microBatches = 1; microBatches <= 64; microBatches++)
            {
                var size = new PipelineSize(ranks, microBatches, stages);
                if (schedule.Refuse(size) is not null)
                {
                    continue;
                }

                var peaks = TimetableChecker.Check(schedule.Create(size)).PeakActivations;
                for (var rank = 0; rank < ranks; rank++)
                {
                    Assert.Equal((size, rank, peakOf(size, rank) ?? peaks[rank]), (size, rank, peaks[rank]));
                }
            }
        }
    }
}
