using Actors.Schedules.Comparison;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Tests.Timing;
using Actors.Schedules.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Comparison;

public class ScheduleComparisonTests
{
    [Fact]
    public void At_equal_stages_schedules_of_two_stages_a_rank_need_half_the_devices()
    {
        var comparison = ScheduleComparison.Of(new ComparisonRequest(16, 120));

        Assert.All(comparison.Schedules, schedule => Assert.Equal(16, schedule.Figures!.Stages));
        Assert.Equal(["interleaved-1f1b", "interleaved-zero-bubble", "zbv", "dualpipev"], WithRanks(comparison, 8));
        Assert.Equal(["gpipe", "1f1b", "zb1p", "chimera", "dualpipe", "zb-search<=16", "zb-search<=32"], WithRanks(comparison, 16));
    }

    [Fact]
    public void At_equal_ranks_every_schedule_has_them_and_finer_stages_take_less()
    {
        var comparison = ScheduleComparison.Of(new ComparisonRequest(16, 128) { EqualBy = EqualBy.Ranks });

        Assert.All(comparison.Schedules, schedule => Assert.Equal(16, schedule.Figures!.Ranks));
        var folded = Figures(comparison, "dualpipev");
        Assert.Equal((32, 33, 16.5, 1), (folded.Stages, folded.PeakChunks, folded.PeakActivations, folded.Parameters));
    }

    // The published table (deepseek-ai/DualPipe, README): PP stages, bubble and activations in those of a stage, parameters, devices.
    [Theory]
    [InlineData("1f1b", 16, 15 * 3, 16, 1)]
    [InlineData("zb1p", 16, 15 * 1, 16, 1)]
    [InlineData("dualpipe", 16, 7 * 2, 17, 2)]
    [InlineData("dualpipev", 8, 7 * 2, 17, 2)]
    public void At_equal_stages_the_published_table_holds(string schedule, int devices, double bubble, double activations, double parameters)
    {
        var figures = Figures(ScheduleComparison.Of(new ComparisonRequest(16, 120)), schedule);

        Assert.Equal((devices, activations, parameters), (figures.Ranks, figures.PeakActivations, figures.Parameters));
        Assert.Equal(bubble, figures.BubbleFraction * figures.StepTime, 9);
    }

    [Fact]
    public void The_model_is_the_same_for_every_schedule()
    {
        // What ranks compute for a micro-batch, over all ranks, is the time of a micro-batch through the whole model, however it is cut.
        var any =
            from ranks in Gen.Choose(1, 9)
            from microBatches in Gen.Choose(1, 24)
            from perRank in Gen.Choose(1, 4)
            from equalBy in Gen.Elements(EqualBy.Stages, EqualBy.Ranks)
            from costs in CostGenerators.For(ranks)
            from parameters in Gen.Choose(0, 50).Select(n => n / 7.0).ListOf(ranks)
            select new ComparisonRequest(ranks, microBatches)
            {
                StagesPerRank = perRank,
                EqualBy = equalBy,
                Costs = costs.WithStages([.. costs.Stages.Select(s => new StageCosts(s.Forward, s.BackwardInput, s.BackwardWeights))]),
                Memory = new MemoryCosts { Parameters = [.. parameters] },
                SearchLimits = [double.PositiveInfinity],
            };
        Prop.ForAll(any.ToArbitrary(), request => ScheduleComparison.Of(request).Schedules.All(schedule =>
            {
                var figures = schedule.Figures!;
                var whole = Enumerable.Range(0, request.Ranks).Select(request.Costs.OfStage).Sum(s => s.Forward + s.Backward);
                var parameters = request.Memory.Parameters.Sum();
                return Math.Abs((figures.RankTime * (1 - figures.BubbleFraction)) - whole) <= 1e-9 * Math.Max(1, figures.RankTime)
                    && figures.Parameters * figures.Ranks >= parameters - 1e-9;
            }))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_schedule_that_does_not_exist_is_listed_with_its_refusal_and_shown_at_the_nearest_size()
    {
        var comparison = ScheduleComparison.Of(new ComparisonRequest(16, 120));
        var chimera = Find(comparison, "chimera");

        Assert.Equal(["chimera"], comparison.Schedules.Where(schedule => !schedule.IsAsAsked).Select(schedule => schedule.Name));
        Assert.Equal(
            "chimera needs at most 16 micro-batches at 16 ranks or a multiple of 16, not 120: use 112 or 128", chimera.Refusal);
        Assert.Equal((16, 128), (chimera.Figures!.Ranks, chimera.Figures.MicroBatches));
    }

    [Fact]
    public void Odd_stages_are_cut_anew_for_schedules_of_two_stages_a_rank()
    {
        var comparison = ScheduleComparison.Of(new ComparisonRequest(5, 12));
        var folded = Find(comparison, "zbv");

        Assert.Equal("zbv puts 2 stages on a rank, which do not divide 5 stages: use 4 or 6", folded.Refusal);
        Assert.Equal((3, 6, 12), (folded.Figures!.Ranks, folded.Figures.Stages, folded.Figures.MicroBatches));
        Assert.Equal((4, 4), (Figures(comparison, "dualpipe").Ranks, Figures(comparison, "dualpipe").Stages));
    }

    [Fact]
    public void A_size_far_from_any_that_exists_has_only_the_refusal()
    {
        var comparison = ScheduleComparison.Of(new ComparisonRequest(3000, 1));

        Assert.Equal("dualpipe needs at least 2 micro-batches a rank, 6000 at 3000 ranks, not 1: use 6000", Find(comparison, "dualpipe").Refusal);
        Assert.Null(Find(comparison, "dualpipe").Figures);
        Assert.NotNull(Find(comparison, "chimera").Figures);
    }

    [Fact]
    public void Schedules_come_in_the_order_of_the_catalogue_of_time_or_of_memory_and_those_of_other_sizes_last()
    {
        var comparison = ScheduleComparison.Of(new ComparisonRequest(8, 20) { EqualBy = EqualBy.Ranks });

        Assert.Equal(
            ScheduleCatalog.All.Select(schedule => schedule.Name).Where(name => name != "forward").Append("zb-search").Append("zb-search"),
            comparison.In(ComparisonOrder.Catalog).Select(schedule => schedule.Name));
        Assert.Equal("chimera", comparison.In(ComparisonOrder.Time)[^1].Name);
        Assert.Equal("chimera", comparison.In(ComparisonOrder.Memory)[^1].Name);
        var times = comparison.In(ComparisonOrder.Time)[..^1].Select(schedule => schedule.Figures!.StepTime).ToArray();
        Assert.Equal(times.Order(), times);
        var memory = comparison.In(ComparisonOrder.Memory)[..^1].Select(schedule => schedule.Figures!.PeakActivations).ToArray();
        Assert.Equal(memory.Order(), memory);
    }

    // Unequal stages, so that the search tries all that it has.
    [Fact]
    public void All_schedules_of_16_ranks_by_120_micro_batches_allocate_under_500_MB()
    {
        var stages = Enumerable.Range(0, 16).Select(stage => new StageCosts(1 + (0.01 * (stage * 7 % 16)), 1.2, 0.8));
        var request = new ComparisonRequest(16, 120) { Costs = new StepCosts([.. stages]) { Link = new LinkCosts(0.05) } };
        var before = GC.GetAllocatedBytesForCurrentThread();

        ScheduleComparison.Of(request);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000_000);
    }

    [Fact]
    public void Costs_of_another_number_of_stages_are_refused()
    {
        var stage = new StageCosts(1, 1, 1);
        var error = Assert.Throws<ArgumentException>(
            () => ScheduleComparison.Of(new ComparisonRequest(4, 8) { EqualBy = EqualBy.Ranks, Costs = new StepCosts([stage, stage, stage]) }));

        Assert.Equal("the timetable has 4 stages, and there are costs of 3: give as many", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ScheduleComparison.Of(new ComparisonRequest(0, 8)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScheduleComparison.Of(new ComparisonRequest(4, 0)));
    }

    [Fact]
    public void What_is_searched_gets_zb1p_s_memory_and_twice_that_or_the_limits_that_are_given()
    {
        var costs = new StepCosts(new StageCosts(2, 2.5, 1.5));
        var comparison = ScheduleComparison.Of(new ComparisonRequest(8, 24) { Costs = costs });
        var given = ScheduleComparison.Of(new ComparisonRequest(8, 24) { Costs = costs, SearchLimits = [5, 0.5, double.PositiveInfinity] });

        Assert.Equal([8.0, 16], comparison.Schedules.TakeLast(2).Select(schedule => schedule.MemoryLimit!.Value));
        Assert.Equal(Figures(comparison, "zb1p").StepTime, comparison.Schedules[^2].Figures!.StepTime);
        Assert.Equal((24 * 6) + (7 * 2), comparison.Schedules[^1].Figures!.StepTime, 9);
        Assert.Equal(["zb-search<=5", "zb-search<=0.5", "zb-search"], given.Schedules.TakeLast(3).Select(schedule => schedule.Label));
        Assert.Equal(5, given.Schedules[^3].Figures!.PeakActivations);
        Assert.Equal("zb-search needs memory for one chunk on every rank, 1 on rank 0, not 0.5: use 1", given.Schedules[^2].Refusal);
        Assert.Null(given.Schedules[^2].Figures);
    }

    [Fact]
    public void With_no_more_micro_batches_than_ranks_more_memory_is_no_use()
        => Assert.Equal("zb-search<=4", ScheduleComparison.Of(new ComparisonRequest(8, 4)).Schedules.Single(s => s.Name == "zb-search").Label);

    private static IEnumerable<string> WithRanks(ScheduleComparison comparison, int ranks)
        => comparison.Schedules.Where(schedule => schedule.Figures!.Ranks == ranks).Select(schedule => schedule.Label);

    private static ComparedSchedule Find(ScheduleComparison comparison, string name)
        => comparison.Schedules.Single(schedule => schedule.Name == name);

    private static ScheduleFigures Figures(ScheduleComparison comparison, string name) => Find(comparison, name).Figures!;
}
