using System.Globalization;
using System.Text;
using Actors.Cli.Progress;
using Actors.Schedules;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Formulas;
using Actors.Schedules.Timing;

namespace Actors.Cli.Commands;

/// <summary>What a timetable would take, for people: the step, each rank, the formula beside it, the critical path.</summary>
internal static class ScheduleReport
{
    /// <summary>More ranks than this are not shown one by one.</summary>
    private const int MostRows = 32;

    private static readonly string[] Columns = ["rank", "busy", "bubble", "before", "within", "after", "exposed", "chunks", "activations", "parameters"];

    /// <summary>Lines, each ended.</summary>
    public static string Of(ScheduleEvaluation evaluation, StepCostsInput input)
    {
        SimulatedRun run = evaluation.Run;
        Timetable timetable = evaluation.Timetable;
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{timetable.Schedule}: {timetable.Ranks} ranks, {timetable.Stages} stages, {timetable.MicroBatches} micro-batches, {timetable.ActionCount} actions\n");
        AppendCosts(text, input);
        text.Append(
            CultureInfo.InvariantCulture,
            $"step {Time(run.StepTime, input)}, bubble {Quantity.Percent(run.BubbleFraction)}, "
            + $"exposed communication {Quantity.Percent(run.ExposedCommunicationFraction)}, "
            + $"at most {Count(evaluation.PeakChunks, "chunk")} of activations and {Count(evaluation.StagesOfARank, "stage")} on a rank\n");
        AppendRanks(text, evaluation);
        AppendFormula(text, evaluation);
        AppendPath(text, run);
        return text.ToString();
    }

    /// <summary>A formula's accuracy in words.</summary>
    public static string Words(FormulaAccuracy accuracy) => accuracy switch
    {
        FormulaAccuracy.Exact => "exact",
        FormulaAccuracy.LowerBound => "lower bound",
        FormulaAccuracy.UpperBound => "upper bound",
        _ => "approximate",
    };

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : string.Create(CultureInfo.InvariantCulture, $"{count} {noun}s");

    private static void AppendCosts(StringBuilder text, StepCostsInput input)
    {
        StepCosts costs = input.Costs;
        text.Append(costs.IsUniform ? "costs" : "mean costs").Append(input.Unit.Length == 0 ? ": " : $" in {input.Unit}: ");
        text.Append(
            CultureInfo.InvariantCulture,
            $"F {Mean(costs, stage => stage.Forward)}, I {Mean(costs, stage => stage.BackwardInput)}, "
            + $"W {Mean(costs, stage => stage.BackwardWeights)}, B {Mean(costs, stage => stage.Backward)}, "
            + $"pair {Mean(costs, stage => stage.Pair)}, send {Link(costs.Link, costs)}");
        if (costs.RanksPerNode != int.MaxValue)
        {
            text.Append(CultureInfo.InvariantCulture, $", between nodes of {costs.RanksPerNode} ranks {Link(costs.LinkBetweenNodes, costs)}");
        }

        text.Append(input.Note is null ? "\n" : $"; {input.Note}\n");
    }

    private static void AppendRanks(StringBuilder text, ScheduleEvaluation evaluation)
    {
        int ranks = evaluation.Timetable.Ranks;
        if (ranks > MostRows)
        {
            text.Append(CultureInfo.InvariantCulture, $"more than {MostRows} ranks: --json has them one by one\n");
            return;
        }

        string[][] rows = [Columns, .. Enumerable.Range(0, ranks).Select(rank => Row(evaluation, rank))];
        int[] widths = [.. Columns.Select((_, column) => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            text.AppendJoin("  ", row.Select((cell, column) => cell.PadLeft(widths[column]))).Append('\n');
        }
    }

    private static string[] Row(ScheduleEvaluation evaluation, int rank)
    {
        SimulatedRun run = evaluation.Run;
        RankMemory memory = evaluation.Memory[rank];
        BubbleParts parts = run.BubblePartsOf(rank);
        double[] numbers =
        [
            rank, run.BusyOf(rank), run.BubbleOf(rank), parts.Before, parts.Within, parts.After, run.ExposedCommunicationOf(rank),
            memory.PeakChunks, memory.PeakActivations, memory.Parameters,
        ];
        return [.. numbers.Select(Quantity.Number)];
    }

    private static void AppendFormula(StringBuilder text, ScheduleEvaluation evaluation)
    {
        if (evaluation.Formula is not { } formula)
        {
            text.Append("formula: none is known\n");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"bubble of a rank: {Quantity.Number(evaluation.LargestBubble)} simulated at most, ");
        text.Append(evaluation.BubbleByFormula is { } bubble
            ? $"{Quantity.Number(bubble.Value)} by {formula.BubbleText}, {Words(bubble.Accuracy)}"
            : $"{formula.BubbleText} is for stages of equal cost");
        text.Append(evaluation.BubbleByFormula?.Accuracy is null or FormulaAccuracy.Exact ? "\n" : $"; with free sending it is {formula.BubbleHolds}\n");
        FormulaValue chunks = evaluation.PeakChunksByFormula!.Value;
        text.Append(
            CultureInfo.InvariantCulture,
            $"chunks of a rank: {evaluation.PeakChunks} counted at most, {Quantity.Number(chunks.Value)} by {formula.ActivationsText}, {Words(chunks.Accuracy)}\n"
            + $"formulas: {formula.Source}\n");
    }

    private static void AppendPath(StringBuilder text, SimulatedRun run)
    {
        CriticalPath path = run.FindCriticalPath();
        double whole = run.StepTime > 0 ? run.StepTime : 1;
        text.Append(
            CultureInfo.InvariantCulture,
            $"critical path: {Quantity.Percent(path.ComputeTime / whole)} computation (F {Share(ActionKind.Forward)}, I {Share(ActionKind.BackwardInput)}, "
            + $"W {Share(ActionKind.BackwardWeights)}, B {Share(ActionKind.Backward)}, pairs {Share(ActionKind.Pair)}), "
            + $"{Quantity.Percent(path.TransferTime / whole)} transfers, {path.RankSwitches} switches of rank\n");

        string Share(ActionKind kind) => Quantity.Percent(path.TimeOf(kind) / whole);
    }

    private static string Mean(StepCosts costs, Func<StageCosts, double> costOf) => Quantity.Number(costs.Stages.Average(costOf));

    private static string Link(LinkCosts link, StepCosts costs)
    {
        double forward = link.OccupiedBy(costs.ActivationBytes);
        double backward = link.OccupiedBy(costs.GradientBytes);
        string occupied = forward == backward ? Quantity.Number(forward) : $"{Quantity.Number(forward)} or {Quantity.Number(backward)}";
        return forward == 0 && backward == 0 ? Quantity.Number(link.Latency) : $"{occupied} + {Quantity.Number(link.Latency)}";
    }

    private static string Time(double time, StepCostsInput input) => input.Unit.Length == 0 ? Quantity.Number(time) : $"{Quantity.Number(time)} {input.Unit}";
}
