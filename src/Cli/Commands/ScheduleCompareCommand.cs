using System.CommandLine;
using Actors.Schedules.Comparison;

namespace Actors.Cli.Commands;

/// <summary><c>actors schedule compare</c>: one table over all schedules.</summary>
internal static class ScheduleCompareCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExamples(
            "compare",
            "Compare all schedules for one model: bubble, memory, parameters, devices",
            "schedule compare --ranks 16 --micro-batches 120",
            "schedule compare --ranks 8 --micro-batches 20 --costs 30%,40%,30% --sort time");
        ComparisonOptions options = ComparisonOptions.AddTo(command);
        var equal = new Option<string>("--equal")
        {
            Description = "stages: the model is cut into N stages for every schedule, on fewer ranks where a rank holds several; "
                + "ranks: every schedule has N ranks, and cuts the model more finely where a rank holds several stages",
            DefaultValueFactory = _ => "stages",
        };
        equal.AcceptOnlyFromAmong("stages", "ranks");
        var sort = new Option<string>("--sort")
        {
            Description = "Order of the schedules: as they are listed, by rank time, or by memory of activations",
            DefaultValueFactory = _ => "catalog",
        };
        sort.AcceptOnlyFromAmong("catalog", "time", "memory");
        var format = new Option<string>("--format") { Description = "Form of the table", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "csv", "markdown");
        Option<string?> memory = LimitOptions.Create(
            "--memory", "Most activations that a rank may hold with zb-search; where it is not given, what zb1p holds, and twice that");
        command.Add(memory);
        command.Add(equal);
        command.Add(sort);
        command.Add(format);
        command.SetAction(parsed =>
        {
            (ComparisonRequest request, StepCostsInput costs) = options.Read(parsed);
            EqualBy equalBy = parsed.GetValue(equal) == "ranks" ? EqualBy.Ranks : EqualBy.Stages;
            double limit = LimitOptions.Read(memory, parsed);
            ScheduleComparison comparison = ScheduleComparison.Of(request with
            {
                EqualBy = equalBy,
                SearchLimits = double.IsFinite(limit) ? [limit] : [],
            });
            ComparisonOrder order = OrderOf(parsed.GetValue(sort)!);
            if (parsed.GetValue(GlobalOptions.Json))
            {
                ComparisonJson.Write(comparison, order, costs, terminal.Output);
            }
            else
            {
                terminal.Output.Write(Render(comparison, order, parsed.GetValue(format)!, terminal));
                terminal.Error.Write(Explanation(comparison, costs));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static ComparisonOrder OrderOf(string name) => name switch
    {
        "time" => ComparisonOrder.Time,
        "memory" => ComparisonOrder.Memory,
        _ => ComparisonOrder.Catalog,
    };

    private static string Render(ScheduleComparison comparison, ComparisonOrder order, string format, Terminal terminal) => format switch
    {
        "csv" => ComparisonTable.ToCsv(comparison, order),
        "markdown" => ComparisonTable.ToMarkdown(comparison, order),
        _ => ComparisonTable.ToText(comparison, order, terminal.IsInteractive ? terminal.Width : int.MaxValue),
    };

    /// <summary>What is equal, and what the columns are.</summary>
    private static string Explanation(ScheduleComparison comparison, StepCostsInput costs)
    {
        ComparisonRequest request = comparison.Request;
        string equal = request.EqualBy == EqualBy.Stages
            ? $"equal stages: the model cut into {request.Ranks} stages for every schedule"
            : $"equal ranks: {request.Ranks} for every schedule, each stage costs its share of the model";
        string unit = costs.Unit.Length == 0 ? "" : $", times in {costs.Unit}";
        return $"{equal}{unit}{(costs.Note is null ? "" : $"; {costs.Note}")}\n"
            + "ranks: devices; rank time: step x ranks / micro-batches; chunks: of the schedule's own stages; activations and parameters: of the "
            + "fullest rank, in those of one micro-batch and one stage of the base cut where --stage-memory gives no others\n";
    }
}
