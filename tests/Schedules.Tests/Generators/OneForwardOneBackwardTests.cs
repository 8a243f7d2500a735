using Actors.Schedules.Checking;

namespace Actors.Schedules.Tests.Generators;

public class OneForwardOneBackwardTests
{
    [Fact]
    public void Four_ranks_and_five_micro_batches_give_the_order_of_PyTorch()
    {
        // Schedule1F1B of PyTorch 2.11, waits and gradient reductions left out, the last rank numbered from 0.
        string[] expected =
        [
            "0F0 0F1 0F2 0F3 0B0 0F4 0B1 0B2 0B3 0B4",
            "1F0 1F1 1F2 1B0 1F3 1B1 1F4 1B2 1B3 1B4",
            "2F0 2F1 2B0 2F2 2B1 2F3 2B2 2F4 2B3 2B4",
            "3F0 3B0 3F1 3B1 3F2 3B2 3F3 3B3 3F4 3B4",
        ];
        var timetable = ScheduleCatalog.OneForwardOneBackward.Create(new PipelineSize(4, 5));

        Assert.Equal(expected, Enumerable.Range(0, 4).Select(rank => string.Join(' ', timetable.ActionsOf(rank))));
    }

    [Fact]
    public void Every_size_passes_the_checker_and_holds_as_many_activations_as_ranks_remain()
    {
        for (var ranks = 1; ranks <= 16; ranks++)
        {
            for (var microBatches = 1; microBatches <= 64; microBatches++)
            {
                var report = TimetableChecker.Check(ScheduleCatalog.OneForwardOneBackward.Create(new PipelineSize(ranks, microBatches)));
                Assert.Empty(report.Violations);
                Assert.Equal(Enumerable.Range(0, ranks).Select(rank => Math.Min(microBatches, ranks - rank)), report.PeakActivations);
            }
        }
    }

    [Theory]
    [InlineData(0, 4, "1f1b needs at least 1 rank, not 0: use 1")]
    [InlineData(4, 0, "1f1b needs at least 1 micro-batch, not 0: use 1")]
    public void An_empty_size_is_refused(int ranks, int microBatches, string refusal)
        => Assert.Equal(refusal, ScheduleCatalog.OneForwardOneBackward.Refuse(new PipelineSize(ranks, microBatches))?.Rule);
}
