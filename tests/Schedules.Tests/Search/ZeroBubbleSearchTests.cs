using System.Collections.Immutable;
using Actors.Schedules.Checking;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Search;
using Actors.Schedules.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Search;

public class ZeroBubbleSearchTests
{
    // Sums of the same numbers in another order.
    private const double Rounding = 1e-9;

    [Fact]
    public void What_is_found_passes_the_checker_and_keeps_the_memory_limit()
        => Prop.ForAll(PipelineGenerators.Requests.ToArbitrary(), request =>
            {
                var found = ZeroBubbleSearch.Find(request);
                return TimetableChecker.Check(found.Timetable).IsValid
                    && found.Timetable.Placement.Equals(Placement.Straight(request.Ranks, request.MicroBatches))
                    && PipelineGenerators.Fits(found.Timetable, request);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void It_is_never_slower_than_zb1p_or_another_schedule_that_keeps_the_same_limit()
        => Prop.ForAll(PipelineGenerators.Requests.ToArbitrary(), request =>
            {
                var found = ZeroBubbleSearch.Find(request).Evaluation.Run.StepTime;
                return Rivals(request).Where(rival => PipelineGenerators.Fits(rival, request))
                    .All(rival => found <= TimetableSimulator.Simulate(rival, request.Costs).StepTime);
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void It_is_never_faster_than_its_lower_bound()
        => Prop.ForAll(PipelineGenerators.Requests.ToArbitrary(), request =>
            {
                var found = ZeroBubbleSearch.Find(request);
                return found.Evaluation.Run.StepTime >= found.LowerBound * (1 - Rounding) && found.DistanceFromBound >= 0;
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_same_request_always_gives_the_same_timetable()
        => Prop.ForAll(PipelineGenerators.Requests.ToArbitrary(), request =>
                ZeroBubbleSearch.Find(request).Timetable.HasSameActionsAs(ZeroBubbleSearch.Find(request with { }).Timetable))
            .QuickCheckThrowOnFailure();

    // ZB-H2 (Qi et al. 2023, section 2.2) holds 2N-1 chunks. The last rank has to wait (N-1)F for its first input and then has all its work,
    // so no step has a smaller bubble; ZB1P's is (N-1)(F+I-W). The gradient's way back is filled with W where I is at most 2W.
    [Theory]
    [InlineData(4, 8, 1, 1, 1)]
    [InlineData(8, 20, 1, 1, 1)]
    [InlineData(8, 20, 1, 1.25, 0.75)]
    [InlineData(16, 120, 2, 2.5, 1.5)]
    [InlineData(5, 31, 3, 4, 2)]
    public void With_the_memory_of_ZB_H2_only_the_wait_for_the_first_input_is_left(
        int ranks, int microBatches, double forward, double input, double weights)
    {
        var found = ZeroBubbleSearch.Find(new SearchRequest(ranks, microBatches)
        {
            Costs = new StepCosts(new StageCosts(forward, input, weights)),
            MemoryLimit = (2 * ranks) - 1,
        });

        Assert.Equal((ranks - 1) * forward, found.Evaluation.LargestBubble, 9);
        Assert.True(found.IsProvenFastest);
        Assert.InRange(found.Evaluation.PeakChunks, 1, (2 * ranks) - 1);
    }

    // The 31 W that fit after the last rank's last I take 31 of the 46 that its gradient needs to get through rank 0.
    [Fact]
    public void Short_weights_cannot_fill_the_time_in_which_the_last_gradient_goes_back()
    {
        var found = ZeroBubbleSearch.Find(new SearchRequest(16, 120) { Costs = new StepCosts(new StageCosts(2, 3, 1)), MemoryLimit = 31 });

        Assert.Equal((15 * 2) + (46 - 31), found.Evaluation.LargestBubble, 9);
        Assert.True(found.IsProvenFastest);
    }

    [Fact]
    public void Zb1p_is_the_answer_where_it_is_the_fastest()
    {
        var found = ZeroBubbleSearch.Find(new SearchRequest(8, 20) { MemoryLimit = 8 });

        Assert.Equal("the order of zb1p", found.Origin);
        Assert.True(found.IsProvenFastest);
        Assert.True(found.Timetable.HasSameActionsAs(ScheduleCatalog.Create("zb1p", new PipelineSize(8, 20))));
    }

    // A slow stage in the middle, and stages that differ in kind; the step times of zb1p and of what is found in its memory.
    [Theory]
    [InlineData(77.5, 76, "slow")]
    [InlineData(59.5, 58.5, "mixed")]
    public void Unequal_stages_get_a_faster_order_than_zb1p_in_the_same_memory(double fixedTime, double foundTime, string stages)
    {
        var costs = new StepCosts(
        [
            .. Enumerable.Range(0, 8).Select(stage => stages == "slow"
                ? stage == 4 ? new StageCosts(1.5, 1.5, 1.5) : new StageCosts(1, 1, 1)
                : stage % 2 == 0 ? new StageCosts(1, 1.5, 0.5) : new StageCosts(1, 1, 1)),
        ]);
        var found = ZeroBubbleSearch.Find(new SearchRequest(8, 16) { Costs = costs, MemoryLimit = 8 });

        Assert.Equal(fixedTime, TimetableSimulator.Simulate(ScheduleCatalog.Create("zb1p", new PipelineSize(8, 16)), costs).StepTime);
        Assert.Equal(foundTime, found.Evaluation.Run.StepTime, 9);
        Assert.Equal("an order made for these costs", found.Origin);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(5)]
    [InlineData(1)]
    public void Less_memory_than_zb1p_s_takes_longer_and_is_kept(int limit)
    {
        var all = ZeroBubbleSearch.Find(new SearchRequest(8, 24) { MemoryLimit = 8 }).Evaluation;
        var less = ZeroBubbleSearch.Find(new SearchRequest(8, 24) { MemoryLimit = limit }).Evaluation;

        Assert.Equal(limit, less.PeakChunks);
        Assert.InRange(less.Run.StepTime, all.Run.StepTime, double.MaxValue);
    }

    [Theory]
    [InlineData(0, 8, 4, "zb-search needs at least 1 rank, not 0: use 1")]
    [InlineData(4, 0, 4, "zb-search needs at least 1 micro-batch, not 0: use 1")]
    [InlineData(4, 8, 0.5, "zb-search needs memory for one chunk on every rank, 1 on rank 0, not 0.5: use 1")]
    public void Bad_requests_are_refused_with_the_mend(int ranks, int microBatches, double limit, string refusal)
    {
        var request = new SearchRequest(ranks, microBatches) { MemoryLimit = limit };

        Assert.Equal(refusal, ZeroBubbleSearch.Refuse(request));
        Assert.Equal(refusal, Assert.Throws<ArgumentException>(() => ZeroBubbleSearch.Find(request)).Message);
    }

    [Fact]
    public void The_refusal_names_the_rank_with_the_largest_chunk()
    {
        var request = new SearchRequest(3, 8) { Memory = new MemoryCosts { Activations = [1, 2.5, 2] }, MemoryLimit = 2 };

        Assert.Equal("zb-search needs memory for one chunk on every rank, 2.5 on rank 1, not 2: use 2.5", ZeroBubbleSearch.Refuse(request));
    }

    [Fact]
    public void Costs_and_memory_of_another_number_of_stages_are_refused()
    {
        var stage = new StageCosts(1, 1, 1);
        var costs = Assert.Throws<ArgumentException>(() => ZeroBubbleSearch.Find(new SearchRequest(3, 8) { Costs = new StepCosts([stage, stage]) }));
        var memory = Assert.Throws<ArgumentException>(
            () => ZeroBubbleSearch.Find(new SearchRequest(3, 8) { Memory = new MemoryCosts { Activations = [1, 2] } }));

        Assert.Equal("the pipeline has 3 stages, and costs of 2 are given: give as many", costs.Message);
        Assert.Equal("the pipeline has 3 stages, and memory of 2 are given: give as many", memory.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SearchRequest(3, 8) { MemoryLimit = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SearchRequest(3, 8) { MemoryLimit = double.NaN });
    }

    // Unequal costs and a limit at which no order reaches the bound, so that everything is tried.
    [Theory]
    [InlineData(16, 120, 14)]
    [InlineData(64, 1024, 60)]
    public void A_search_that_tries_everything_allocates_under_500_MB(int ranks, int microBatches, double limit)
    {
        var costs = new StepCosts([.. Enumerable.Range(0, ranks).Select(stage => new StageCosts(1 + (0.01 * (stage * 7 % 16)), 1.2, 0.8))]);
        var request = new SearchRequest(ranks, microBatches) { Costs = costs with { Link = new LinkCosts(0.05) }, MemoryLimit = limit };
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(ZeroBubbleSearch.Find(request).IsProvenFastest);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000_000);
    }

    private static IEnumerable<Timetable> Rivals(SearchRequest request)
    {
        foreach (var schedule in (string[])["gpipe", "1f1b", "zb1p"])
        {
            yield return ScheduleCatalog.Create(schedule, new PipelineSize(request.Ranks, request.MicroBatches));
        }

        for (var inFlight = 1; inFlight < request.Ranks; inFlight++)
        {
            yield return WithFewerInFlight(request.Ranks, request.MicroBatches, inFlight);
        }
    }

    // 1F1B with at most so many chunks in flight on any rank.
    private static Timetable WithFewerInFlight(int ranks, int microBatches, int inFlight)
    {
        var lists = Enumerable.Range(0, ranks).Select(rank =>
        {
            var ahead = Math.Min(Math.Min(ranks - 1 - rank, inFlight - 1), microBatches);
            return Enumerable.Range(0, ahead).Select(m => StageAction.Forward(rank, m))
                .Concat(Enumerable.Range(0, microBatches).SelectMany(m => m + ahead < microBatches
                    ? new[] { StageAction.Forward(rank, m + ahead), StageAction.Backward(rank, m) }
                    : [StageAction.Backward(rank, m)]))
                .ToImmutableArray();
        });
        return new Timetable("fewer", Placement.Straight(ranks, microBatches), [.. lists]);
    }
}
