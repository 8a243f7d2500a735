using System.CommandLine;
using Actors.Cli.Outputs;
using Actors.Cli.Pages;
using Actors.Schedules;
using Actors.Schedules.Communication;
using Actors.Schedules.Drawing;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Formats;
using Actors.Schedules.Search;
using Actors.Schedules.Timing;
using Actors.Schedules.Traces;

namespace Actors.Cli.Commands;

/// <summary><c>actors schedule</c>: a timetable in one of its forms, and what it would take.</summary>
internal static class ScheduleCommand
{
    private const int MaxActions = 1 << 24;

    private static readonly string[] Formats = ["csv", "text", "json", "svg", "trace", "terminal"];

    // The longer ending first.
    private static readonly (string Ending, string Form)[] Endings =
        [(".trace.json", "trace"), (".json", "json"), (".csv", "csv"), (".txt", "text"), (".svg", "svg")];

    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExamples(
            "schedule",
            "Print the timetable of a pipeline schedule, and on stderr what it would take",
            "schedule dualpipe --ranks 8 --micro-batches 20",
            "schedule zbv --ranks 8 --micro-batches 20 -o zbv.svg",
            "schedule compare --ranks 16 --micro-batches 120");
        var name = new Argument<string>("SCHEDULE") { HelpName = "SCHEDULE", Description = Schedules() };
        name.CompletionSources.Add([.. ScheduleCatalog.All.Select(schedule => schedule.Name), ZeroBubbleSearch.Name]);
        var ranks = new Option<int>("--ranks") { Description = "Pipeline ranks", HelpName = "N", Required = true };
        var microBatches = new Option<int>("--micro-batches") { Description = "Micro-batches of a step", HelpName = "M", Required = true };
        var stagesPerRank = new Option<int?>("--stages-per-rank")
        {
            Description = "Stages that a rank holds in one direction, for schedules that leave it free; 2 where it is not given",
            HelpName = "V",
        };
        var format = new Option<string?>("--format")
        {
            Description = "trace is a Chrome trace, a unit of the costs as a millisecond; where no format is given, by the ending of -o "
                + "(.csv, .txt, .json, .svg, .trace.json), else terminal for people and csv for pipes",
        };
        format.AcceptOnlyFromAmong(Formats);
        var file = new Option<string?>("--output", "-o") { Description = "Write to a file instead of stdout", HelpName = "FILE" };
        var communication = new Option<bool>("--communication") { Description = "Write the sends and receives between ranks too" };
        command.Add(name);
        command.Add(ranks);
        command.Add(microBatches);
        command.Add(stagesPerRank);
        command.Add(format);
        command.Add(file);
        command.Add(communication);
        command.Add(ScheduleCheckCommand.Create(terminal));
        CostOptions costs = CostOptions.AddTo(command);
        ScheduleSearch search = ScheduleSearch.AddTo(command, costs);
        command.Add(ScheduleCompareCommand.Create(terminal));
        command.Add(ScheduleBestCommand.Create(terminal));
        command.Add(DocsCommand.Create(
            terminal, "Write the page about schedules and its pictures", SchedulesPage.TemplateFile, template => SchedulesPage.Make(template).Files));
        command.SetAction(parsed =>
        {
            string? path = parsed.GetValue(file);
            bool isJson = parsed.GetValue(GlobalOptions.Json);
            string form = FormOf(path, parsed.GetValue(format), isJson, terminal);
            OutputFile? output = path is null ? null : OutputFile.Of("--output", path, costs.NamedFiles(parsed));
            var size = new PipelineSize(parsed.GetValue(ranks), parsed.GetValue(microBatches), parsed.GetValue(stagesPerRank));
            string asked = parsed.GetValue(name)!;
            Timetable? made = search.IsAskedFor(parsed, asked, size, MaxActions) ? null : Make(asked, size);
            StepCostsInput input = costs.Read(parsed, made?.Stages ?? size.Ranks);
            SearchResult? found = made is null ? search.Find(parsed, size, input.Costs) : null;
            ScheduleEvaluation evaluation = found?.Evaluation
                ?? ScheduleEvaluation.Of(made!, input.Costs, costs.ReadMemory(parsed, made!.Stages));
            Timetable timetable = evaluation.Timetable;
            Timetable printed = parsed.GetValue(communication) ? WithCommunication(timetable, form) : timetable;
            Write(output, Render(evaluation.Run, printed, form, input.Unit, path is null ? terminal : terminal with { HasColor = false }), terminal);
            bool isAlone = path is not null || form == "json";
            Report(evaluation, input, isJson, isAlone, terminal);
            ScheduleSearch.Report(found, isJson, isAlone, terminal);
            return ExitCode.Success;
        });
        return command;
    }

    private static string Schedules() =>
        string.Join('\n', ScheduleCatalog.All.Select(schedule => $"{schedule.Name}: {schedule.Summary} ({schedule.Constraint})"))
        + $"\n{ZeroBubbleSearch.Name}: {ZeroBubbleSearch.Summary} ({ZeroBubbleSearch.Constraint})";

    private static Timetable Make(string name, PipelineSize size)
    {
        if (!ScheduleCatalog.TryFind(name, out ISchedule? schedule, out string? error))
        {
            throw new UsageException($"{error}, {ZeroBubbleSearch.Name}");
        }

        if (schedule.Refuse(size) is { } refusal)
        {
            throw new UsageException(refusal.Rule);
        }

        int stagesPerRank = size.StagesPerRankOf(schedule);
        return (UInt128)size.Ranks * (UInt128)size.MicroBatches * (UInt128)stagesPerRank <= MaxActions
            ? schedule.Create(size)
            : throw new UsageException(
                $"{size.Ranks} ranks x {size.MicroBatches} micro-batches{(stagesPerRank == 1 ? "" : $" x {stagesPerRank} stages")} "
                + $"are more than the {MaxActions} that fit; use fewer");
    }

    /// <summary>The form that --format names, else that of the file's ending; one that contradicts the ending is refused.</summary>
    private static string FormOf(string? path, string? format, bool isJson, Terminal terminal)
    {
        if (path is null)
        {
            return format ?? (isJson ? "json" : terminal.IsInteractive ? "terminal" : "csv");
        }

        string name = Path.GetFileName(path);
        (string ending, string? form) = Endings.FirstOrDefault(known => name.EndsWith(known.Ending, StringComparison.OrdinalIgnoreCase));
        if (form is null)
        {
            return format ?? throw new UsageException(
                $"-o {path}: the ending says no form; use {string.Join(", ", Endings.Select(known => known.Ending))}, or name the form with --format");
        }

        return format is null || format == form || (format, form) == ("trace", "json")
            ? format ?? form
            : throw new UsageException($"--format {format} contradicts the ending of {path}: {ending} is {form}; leave --format out, or change the ending");
    }

    private static Timetable WithCommunication(Timetable timetable, string format) =>
        format is "csv" or "text" or "json"
            ? CommunicationPass.Add(timetable)
            : throw new UsageException("--communication is written, not drawn; use --format csv, text or json");

    private static string Render(SimulatedRun run, Timetable printed, string format, string unit, Terminal terminal) => format switch
    {
        "csv" => TimetableCsv.Write(printed),
        "text" => TimetableText.Write(printed),
        "json" => TimetableJson.Write(printed),
        "svg" => TimetableSvg.Draw(run, new SvgOptions { TimeUnit = unit }),
        "trace" => TimetableTrace.Write(run),
        _ => TimetableTerminal.Draw(run, new TerminalOptions { Width = terminal.Width, Color = terminal.HasColor }),
    };

    private static void Write(OutputFile? output, string text, Terminal terminal)
    {
        string content = text.EndsWith('\n') ? text : text + "\n";
        if (output is null)
        {
            terminal.Output.Write(content);
        }
        else
        {
            output.WriteText(content);
        }
    }

    /// <summary>Says what the timetable would take; to a machine on stdout, where no other form than JSON is written there.</summary>
    private static void Report(ScheduleEvaluation evaluation, StepCostsInput input, bool isJson, bool isAlone, Terminal terminal)
    {
        if (isJson)
        {
            (isAlone ? terminal.Output : terminal.Error).WriteLine(ScheduleReportJson.Of(evaluation, input));
        }
        else
        {
            terminal.Error.Write(ScheduleReport.Of(evaluation, input));
        }
    }
}
