using System.CommandLine;
using System.Text.Json;
using Actors.Schedules;
using Actors.Schedules.Checking;
using Actors.Schedules.Communication;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Formats;

namespace Actors.Cli.Commands;

/// <summary><c>actors schedule check</c>: a timetable from any program, checked, and what it would take.</summary>
internal sealed class ScheduleCheckCommand
{
    private const int MaxShownViolations = 20;
    private const long MaxFileBytes = 1L << 28;

    private readonly Argument<string> _file = new("FILE")
    {
        HelpName = "FILE",
        Description = "Timetable as csv (also PyTorch's), text or json",
    };

    private readonly Option<string?> _format = new("--format")
    {
        Description = "The form of FILE; found from its content where it is not given",
    };

    private readonly Option<bool> _blocking = new("--blocking")
    {
        Description = "A send ends only when its receive is reached; so it is where nothing is given",
    };

    private readonly Option<int?> _buffered = new("--buffered")
    {
        Description = "The link from one rank to another holds N sent results",
        HelpName = "N",
    };

    private readonly CostOptions _costs;
    private readonly Terminal _terminal;

    private ScheduleCheckCommand(Command command, Terminal terminal)
    {
        _terminal = terminal;
        _format.AcceptOnlyFromAmong("csv", "text", "json");
        command.Add(_file);
        command.Add(_format);
        command.Add(_blocking);
        command.Add(_buffered);
        _costs = CostOptions.AddTo(command);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExamples(
            "check", "Check a timetable from any program, and say what it would take", "schedule check order.csv", "schedule check order.csv --buffered 2");
        var check = new ScheduleCheckCommand(command, terminal);
        command.SetAction(check.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        int? capacity = LinkCapacity(parsed.GetValue(_blocking), parsed.GetValue(_buffered));
        string path = parsed.GetValue(_file)!;
        Timetable timetable = Parse(path, InputFiles.ReadText(path, MaxFileBytes), parsed.GetValue(_format));
        StepCostsInput input = _costs.Read(parsed, timetable.Stages);
        MemoryCosts memory = _costs.ReadMemory(parsed, timetable.Stages);
        TimetableReport report = TimetableChecker.Check(timetable, capacity ?? 0);
        if (report.IsValid && capacity is { } asked && !timetable.HasCommunication)
        {
            timetable = CommunicationPass.Add(timetable);
            report = TimetableChecker.Check(timetable, asked);
        }

        bool isJson = parsed.GetValue(GlobalOptions.Json);
        if (isJson)
        {
            _terminal.Output.WriteLine(JsonText.Of(json => WriteJson(json, timetable, report)));
        }

        if (report.IsValid)
        {
            // Its name is that of a file; no schedule's formula is meant.
            Write(ScheduleEvaluation.Of(timetable, input.Costs, memory, hasFormula: false), input, isJson);
        }

        if (!isJson)
        {
            WriteResult(path, timetable, report, capacity ?? 0);
        }

        return report.IsValid ? ExitCode.Success : ExitCode.Failure;
    }

    private static int? LinkCapacity(bool isBlocking, int? buffered)
    {
        if (isBlocking && buffered is not null)
        {
            throw new UsageException("--blocking and --buffered exclude each other; give one of them");
        }

        return buffered is < 1
            ? throw new UsageException($"--buffered {buffered} holds nothing; write 1 or more, or --blocking")
            : isBlocking ? 0 : buffered;
    }

    private static Timetable Parse(string path, string text, string? format)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        try
        {
            return format switch
            {
                "csv" => TimetableCsv.Parse(text, name),
                "text" => TimetableText.Parse(text, name),
                "json" => TimetableJson.Parse(text),
                _ => TimetableReader.Parse(text, name),
            };
        }
        catch (TimetableFormatException e)
        {
            throw new UsageException($"{path}: {e.Message}");
        }
    }

    private void Write(ScheduleEvaluation evaluation, StepCostsInput input, bool isJson)
    {
        if (isJson)
        {
            _terminal.Output.WriteLine(ScheduleReportJson.Of(evaluation, input));
        }
        else
        {
            _terminal.Output.Write(ScheduleReport.Of(evaluation, input));
        }
    }

    private void WriteResult(string path, Timetable timetable, TimetableReport report, int capacity)
    {
        if (report.IsValid && timetable.HasCommunication)
        {
            int sends = (timetable.ActionCount - CommunicationPass.Remove(timetable).ActionCount) / 2;
            string links = capacity == 0 ? "blocking links" : $"links that hold {capacity}";
            _terminal.Output.WriteLine($"{sends} sends and their receives match, in order, without deadlock over {links}");
        }

        foreach (TimetableViolation violation in report.Violations.AsSpan()[..Math.Min(MaxShownViolations, report.Violations.Length)])
        {
            _terminal.Output.WriteLine(violation.ToString());
        }

        if (report.Violations.Length > MaxShownViolations)
        {
            _terminal.Output.WriteLine($"... and {report.Violations.Length - MaxShownViolations} more");
        }

        if (!report.IsValid)
        {
            _terminal.Error.WriteLine($"actors: {path} breaks the rules of a timetable in {Places(report.Violations.Length)}");
        }
    }

    private static string Places(int count) => count == 1 ? "1 place" : $"{count} places";

    private static void WriteJson(Utf8JsonWriter json, Timetable timetable, TimetableReport report)
    {
        json.WriteStartObject();
        json.WriteString("event", "check");
        json.WriteString("schedule", timetable.Schedule);
        json.WriteBoolean("valid", report.IsValid);
        json.WriteNumber("ranks", timetable.Ranks);
        json.WriteNumber("stages", timetable.Stages);
        json.WriteNumber("microBatches", timetable.MicroBatches);
        json.WriteNumber("actions", timetable.ActionCount);
        json.WriteStartArray("violations");
        foreach (TimetableViolation violation in report.Violations)
        {
            WriteJson(json, violation);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteJson(Utf8JsonWriter json, in TimetableViolation violation)
    {
        json.WriteStartObject();
        json.WriteString("rule", violation.Rule.ToString());
        json.WriteNumber("rank", violation.Rank);
        if (violation.Position >= 0)
        {
            json.WriteNumber("position", violation.Position);
        }

        json.WriteString("action", violation.Action.ToString());
        json.WriteString("message", violation.Message);
        json.WriteEndObject();
    }
}
