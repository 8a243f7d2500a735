using System.CommandLine;
using System.Globalization;
using System.Text;
using Actors.Cli.Progress;
using Actors.Schedules.Comparison;

namespace Actors.Cli.Commands;

/// <summary><c>actors schedule best</c>: the fastest schedule that fits the memory of the ranks.</summary>
internal static class ScheduleBestCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExamples(
            "best",
            "Pick the schedule with the least step time on N ranks that fits their memory, and say why",
            "schedule best --ranks 16 --micro-batches 120 --memory 10");
        ComparisonOptions options = ComparisonOptions.AddTo(command);
        Option<string?> memory = Limit("--memory", "Most activations that a rank holds, in chunks of the N stages or the unit of --stage-memory");
        Option<string?> parameters = Limit("--parameters", "Most parameters that a rank holds, in stages or the unit of --stage-memory");
        command.Add(memory);
        command.Add(parameters);
        command.SetAction(parsed =>
        {
            (ComparisonRequest request, StepCostsInput costs) = options.Read(parsed);
            var limits = new ScheduleLimits
            {
                Memory = LimitOptions.Read(memory, parsed),
                Parameters = LimitOptions.Read(parameters, parsed),
            };
            ScheduleChoice choice = ScheduleChoice.Of(request, limits);
            return Report(choice, limits, costs, parsed.GetValue(GlobalOptions.Json), terminal);
        });
        return command;
    }

    private static int Report(ScheduleChoice choice, ScheduleLimits limits, StepCostsInput costs, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            ComparisonJson.Write(choice, costs, terminal.Output);
        }
        else
        {
            terminal.Output.Write(Lines(choice, costs));
        }

        if (choice.Best is not null)
        {
            return ExitCode.Success;
        }

        terminal.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"actors: no schedule of {choice.Request.Ranks} ranks and {choice.Request.MicroBatches} micro-batches fits {Text(limits)}; {choice.Mend}"));
        return ExitCode.Failure;
    }

    private static string Lines(ScheduleChoice choice, StepCostsInput costs)
    {
        var text = new StringBuilder();
        if (choice.Best is { Figures: { } best })
        {
            text.Append(CultureInfo.InvariantCulture, $"best: {choice.Best.Label}, {Figures(best, costs)}\n");
            text.Append(choice.RunnerUp is { Figures: { } second }
                ? $"runner-up: {choice.RunnerUp.Label}, {Figures(second, costs)}; {Why(best, second)}\n"
                : "runner-up: none fits\n");
            foreach (ComparedSchedule schedule in choice.Fitting.Skip(2))
            {
                text.Append(CultureInfo.InvariantCulture, $"fits: {schedule.Label}, {Figures(schedule.Figures!, costs)}\n");
            }
        }

        foreach (RejectedSchedule rejected in choice.Rejected)
        {
            text.Append(CultureInfo.InvariantCulture, $"not {rejected.Schedule.Label}: {rejected.Lack}\n");
        }

        return text.ToString();
    }

    private static string Figures(ScheduleFigures figures, StepCostsInput costs) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {figures.StepTime:0.###}{(costs.Unit.Length == 0 ? "" : $" {costs.Unit}")}, bubble {Quantity.Percent(figures.BubbleFraction)}, "
        + $"{figures.PeakActivations:0.###} activations and {figures.Parameters:0.###} parameters on a rank, {figures.Stages} stages");

    private static string Why(ScheduleFigures best, ScheduleFigures second)
    {
        if (second.StepTime > best.StepTime)
        {
            return $"{Quantity.Percent((second.StepTime / best.StepTime) - 1)} slower";
        }

        return second.PeakActivations > best.PeakActivations ? "as fast, with more activations"
            : second.Parameters > best.Parameters ? "as fast, with more parameters"
            : "as fast and no smaller, less plain";
    }

    private static string Text(ScheduleLimits limits)
    {
        string[] parts =
        [
            .. Part("--memory", limits.Memory),
            .. Part("--parameters", limits.Parameters),
        ];
        return string.Join(" and ", parts);
    }

    private static string[] Part(string option, double limit)
        => double.IsFinite(limit) ? [string.Create(CultureInfo.InvariantCulture, $"{option} {limit:0.###}")] : [];

    private static Option<string?> Limit(string name, string description) => LimitOptions.Create(name, $"{description}; any where it is not given");
}
