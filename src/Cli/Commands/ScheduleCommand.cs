using System.CommandLine;
using System.Globalization;
using Actors.Schedules;
using Actors.Schedules.Checking;
using Actors.Schedules.Drawing;
using Actors.Schedules.Formats;
using Actors.Schedules.Timing;

namespace Actors.Cli.Commands;

/// <summary><c>actors schedule</c>: a timetable in one of its forms, and what it would take.</summary>
internal static class ScheduleCommand
{
    private const int MaxActions = 1 << 24;

    private static readonly string[] Formats = ["csv", "text", "json", "svg", "terminal"];

    public static Command Create(Terminal terminal)
    {
        var command = new Command("schedule", "Print the timetable of a pipeline schedule, and on stderr what it would take");
        var name = new Argument<string>("SCHEDULE") { HelpName = "SCHEDULE", Description = Schedules() };
        name.CompletionSources.Add([.. ScheduleCatalog.All.Select(schedule => schedule.Name)]);
        var ranks = new Option<int>("--ranks") { Description = "Pipeline ranks", HelpName = "N", Required = true };
        var microBatches = new Option<int>("--micro-batches") { Description = "Micro-batches of a step", HelpName = "M", Required = true };
        var format = new Option<string?>("--format")
        {
            Description = "By the ending of -o where it is not given, else terminal for people and csv for files",
        };
        format.AcceptOnlyFromAmong(Formats);
        var file = new Option<string?>("--output", "-o") { Description = "Write to a file instead of stdout", HelpName = "FILE" };
        var costs = new Option<string?>("--costs")
        {
            Description = "Time of F, I, W and, if given, of a pair and of sending; 1,1,1 where it is not given",
            HelpName = "F,I,W[,PAIR[,SEND]]",
        };
        command.Add(name);
        command.Add(ranks);
        command.Add(microBatches);
        command.Add(format);
        command.Add(file);
        command.Add(costs);
        command.SetAction(parsed =>
        {
            Timetable timetable = Make(parsed.GetValue(name)!, new PipelineSize(parsed.GetValue(ranks), parsed.GetValue(microBatches)));
            ActionCosts actionCosts = ParseCosts(parsed.GetValue(costs));
            SimulatedRun run = TimetableSimulator.Simulate(timetable, actionCosts);
            string? path = parsed.GetValue(file);
            string form = parsed.GetValue(format) ?? DefaultFormat(path, parsed.GetValue(GlobalOptions.Json), terminal);
            Write(path, Render(run, form, path is null ? terminal : terminal with { HasColor = false }), terminal);
            terminal.Error.WriteLine(Summarize(run, actionCosts));
            return ExitCode.Success;
        });
        return command;
    }

    private static string Schedules() =>
        string.Join('\n', ScheduleCatalog.All.Select(schedule => $"{schedule.Name}: {schedule.Summary} ({schedule.Constraint})"));

    private static Timetable Make(string name, PipelineSize size)
    {
        if (!ScheduleCatalog.TryFind(name, out ISchedule? schedule, out string? error))
        {
            throw new UsageException(error);
        }

        if (schedule.Refuse(size) is { } refusal)
        {
            throw new UsageException(refusal);
        }

        return (long)size.Ranks * size.MicroBatches <= MaxActions
            ? schedule.Create(size)
            : throw new UsageException(
                $"{size.Ranks} ranks x {size.MicroBatches} micro-batches are more than the {MaxActions} that fit; use fewer");
    }

    private static ActionCosts ParseCosts(string? text)
    {
        if (text is null)
        {
            return ActionCosts.Balanced;
        }

        string[] parts = text.Split(',');
        double[] numbers = new double[parts.Length];
        bool areCosts = parts.Length is >= 3 and <= 5;
        for (int i = 0; i < parts.Length; i++)
        {
            areCosts &= double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                && numbers[i] >= 0 && double.IsFinite(numbers[i]);
        }

        if (!areCosts)
        {
            throw new UsageException(
                $"--costs {text} is not F,I,W[,PAIR[,SEND]]; write three to five numbers of 0 or more, such as 1,1,1,2.5");
        }

        return new ActionCosts(
            numbers[0],
            numbers[1],
            numbers[2],
            pair: numbers.Length > 3 ? numbers[3] : null,
            sendLatency: numbers.Length > 4 ? numbers[4] : 0);
    }

    private static string DefaultFormat(string? path, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            return "json";
        }

        return Path.GetExtension(path) switch
        {
            ".svg" => "svg",
            ".json" => "json",
            ".txt" => "text",
            _ => path is null && terminal.IsInteractive ? "terminal" : "csv",
        };
    }

    private static string Render(SimulatedRun run, string format, Terminal terminal) => format switch
    {
        "csv" => TimetableCsv.Write(run.Timetable),
        "text" => TimetableText.Write(run.Timetable),
        "json" => TimetableJson.Write(run.Timetable),
        "svg" => TimetableSvg.Draw(run),
        _ => TimetableTerminal.Draw(run, new TerminalOptions { Width = terminal.Width, Color = terminal.HasColor }),
    };

    private static void Write(string? path, string text, Terminal terminal)
    {
        string content = text.EndsWith('\n') ? text : text + "\n";
        if (path is null)
        {
            terminal.Output.Write(content);
        }
        else
        {
            WriteFile(path, content);
        }
    }

    private static void WriteFile(string path, string content)
    {
        try
        {
            File.WriteAllText(path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} can't be written: {e.Message}", e);
        }
    }

    private static string Summarize(SimulatedRun run, ActionCosts costs)
    {
        Timetable timetable = run.Timetable;
        int peak = TimetableChecker.Check(timetable).PeakActivations.Max();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{timetable.Schedule}: {timetable.Ranks} ranks, {timetable.MicroBatches} micro-batches, {timetable.ActionCount} actions; "
            + $"step {run.StepTime:0.##}, bubble {100 * run.BubbleFraction:0.0}%, at most {peak} chunks of activations on a rank "
            + $"(F {costs.Forward}, I {costs.BackwardInput}, W {costs.BackwardWeights}, B {costs.Backward}, "
            + $"pair {costs.Pair}, send {costs.SendLatency})");
    }
}
