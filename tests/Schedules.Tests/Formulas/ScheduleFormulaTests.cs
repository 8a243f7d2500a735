using Actors.Schedules.Evaluation;
using Actors.Schedules.Formulas;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Formulas;

public class ScheduleFormulaTests
{
    private static readonly int[] MicroBatches = [1, 2, 3, 4, 5, 8, 12, 16, 20, 24];

    /// <summary>Every schedule of the catalogue that has a formula.</summary>
    public static TheoryData<string> Schedules()
        => [.. ScheduleCatalog.All.Select(schedule => schedule.Name).Where(name => ScheduleFormulas.Find(name) is not null)];

    // All whole costs up to 4, and pairs that gain nothing, something and all; sizes as far as the schedule has them.
    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_bubble_is_what_the_formula_says_exactly_where_it_claims_to_be_exact_and_on_its_side_where_it_is_a_bound(string schedule)
    {
        var exact = 0;
        foreach (var timetable in Timetables(schedule, maxRanks: 6))
        {
            foreach (var costs in Costs())
            {
                var evaluation = ScheduleEvaluation.Of(timetable, new StepCosts(costs));
                AssertHolds(evaluation, costs);
                exact += evaluation.BubbleByFormula!.Value.Accuracy == FormulaAccuracy.Exact ? 1 : 0;
            }
        }

        Assert.True(exact > 100, $"the formula of {schedule} was exact only {exact} times, so nothing was proven");
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Activations_and_parameters_are_what_the_formula_says(string schedule)
    {
        foreach (var timetable in Timetables(schedule, maxRanks: 12))
        {
            var memory = TimetableMemory.Of(timetable);
            var shape = PipelineShape.Of(timetable);
            var formula = ScheduleFormulas.Find(schedule)!;
            Assert.Equal(new FormulaValue(memory.Max(rank => rank.PeakChunks), FormulaAccuracy.Exact), formula.Activations(shape));
            Assert.All(memory, rank => Assert.Equal(formula.Parameters(shape), rank.Stages));
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Costs_that_are_no_whole_numbers_meet_an_exact_formula_to_rounding(string schedule)
    {
        var costs = new StageCosts(0.7, 0.7, 0.45);
        foreach (var timetable in Timetables(schedule, maxRanks: 12))
        {
            AssertHolds(ScheduleEvaluation.Of(timetable, new StepCosts(costs)), costs);
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void With_a_latency_an_exact_formula_is_a_lower_bound(string schedule)
    {
        foreach (var timetable in Timetables(schedule, maxRanks: 6))
        {
            var evaluation = ScheduleEvaluation.Of(timetable, new ActionCosts(2, 2, 2, sendLatency: 0.5));
            Assert.NotEqual(FormulaAccuracy.Exact, evaluation.BubbleByFormula!.Value.Accuracy);
            AssertHolds(evaluation, new StageCosts(2, 2, 2));
        }
    }

    [Fact]
    public void Stages_of_unequal_cost_have_no_closed_form()
    {
        var timetable = ScheduleCatalog.Create("1f1b", new PipelineSize(2, 4));
        var evaluation = ScheduleEvaluation.Of(timetable, new StepCosts([new StageCosts(1, 1, 1), new StageCosts(2, 1, 1)]));
        Assert.Null(evaluation.BubbleByFormula);
        Assert.NotNull(evaluation.PeakChunksByFormula);
    }

    // By hand from the papers, at 8 ranks, 16 micro-batches, F 2, I 3, W 1.5, B 4.5, F&B 6.
    [Theory]
    [InlineData("gpipe", 8, 45.5, 16, 1)]
    [InlineData("1f1b", 8, 45.5, 8, 1)]
    [InlineData("interleaved-1f1b", 16, 45.5, 23, 2)]
    [InlineData("zb1p", 8, 24.5, 8, 1)]
    [InlineData("interleaved-zero-bubble", 16, 24.5, 16, 2)]
    [InlineData("zbv", 16, 14, 16, 2)]
    [InlineData("dualpipe", 8, 18, 9, 2)]
    [InlineData("dualpipev", 16, 42, 17, 2)]
    [InlineData("chimera", 8, 42, 8, 2)]
    public void The_published_forms_give_these_values(string schedule, int stages, double bubble, double activations, int parameters)
    {
        var formula = ScheduleFormulas.Find(schedule)!;
        var shape = new PipelineShape(8, stages, 16);
        Assert.Equal(bubble, formula.Bubble(shape, new StageCosts(2, 3, 1.5, pair: 6)).Value);
        Assert.Equal((activations, parameters), (formula.Activations(shape).Value, formula.Parameters(shape)));
    }

    [Fact]
    public void A_schedule_without_a_known_form_has_none() => Assert.Null(ScheduleFormulas.Find("forward"));

    private static IEnumerable<StageCosts> Costs() =>
        from forward in Enumerable.Range(1, 4)
        from input in Enumerable.Range(1, 4)
        from weights in Enumerable.Range(1, 4)
        let apart = forward + input + weights
        from pair in new[] { apart, apart - 1, Math.Max(forward, input + weights) }.Distinct()
        where pair == apart || (forward + input + weights) % 2 == 0
        select new StageCosts(forward, input, weights, pair: pair);

    private static IEnumerable<Timetable> Timetables(string name, int maxRanks)
    {
        Assert.True(ScheduleCatalog.TryFind(name, out var schedule, out _));
        int?[] stagesPerRank = schedule.TakesStagesPerRank ? [1, 2, 3, 4] : [null];
        return from ranks in Enumerable.Range(1, maxRanks)
               from microBatches in MicroBatches
               from stages in stagesPerRank
               let size = new PipelineSize(ranks, microBatches, stages)
               where schedule.Refuse(size) is null
               select schedule.Create(size);
    }

    private static void AssertHolds(ScheduleEvaluation evaluation, StageCosts costs)
    {
        var (value, accuracy) = evaluation.BubbleByFormula!.Value;
        var tolerance = 1e-12 * evaluation.Run.StepTime;
        for (var rank = 0; rank < evaluation.Timetable.Ranks; rank++)
        {
            var over = evaluation.Run.BubbleOf(rank) - value;
            var holds = accuracy switch
            {
                FormulaAccuracy.Exact => Math.Abs(over) <= tolerance,
                FormulaAccuracy.LowerBound => over >= -tolerance,
                FormulaAccuracy.UpperBound => over <= tolerance,
                _ => true,
            };
            Assert.True(holds, $"{evaluation.Timetable.Schedule} {PipelineShape.Of(evaluation.Timetable)} {costs}: rank {rank} has a bubble "
                + $"of {evaluation.Run.BubbleOf(rank)}, the formula {value} is {accuracy}");
        }
    }
}
