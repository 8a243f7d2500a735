using Actors.Schedules.Evaluation;
using Actors.Schedules.Formulas;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Evaluation;

public class ScheduleEvaluationTests
{
    [Fact]
    public void An_evaluation_has_the_step_the_memory_and_the_formula()
    {
        var evaluation = ScheduleEvaluation.Of(ScheduleCatalog.Create("dualpipe", new PipelineSize(8, 20)), ActionCosts.Balanced);

        Assert.Equal(66, evaluation.Run.StepTime);
        Assert.Equal(6, evaluation.LargestBubble);
        Assert.Equal(new FormulaValue(6, FormulaAccuracy.Exact), evaluation.BubbleByFormula);
        Assert.Equal((9, 9, 2, 2), (evaluation.PeakChunks, evaluation.PeakActivations, evaluation.StagesOfARank, evaluation.Parameters));
        Assert.Equal(new FormulaValue(9, FormulaAccuracy.Exact), evaluation.PeakChunksByFormula);
    }

    [Fact]
    public void A_timetable_of_no_known_schedule_has_no_formula()
    {
        var forward = ScheduleEvaluation.Of(ScheduleCatalog.Create("forward", new PipelineSize(2, 4)), ActionCosts.Balanced);
        Assert.Null(forward.Formula);
        Assert.Null(forward.BubbleByFormula);
        Assert.Null(forward.PeakChunksByFormula);
    }

    [Fact]
    public void A_timetable_that_only_bears_a_schedule_s_name_has_no_formula()
    {
        var timetable = ScheduleCatalog.Create("1f1b", new PipelineSize(2, 4));
        Assert.Null(ScheduleEvaluation.Of(timetable, ActionCosts.Balanced, hasFormula: false).Formula);
    }
}
