using System.Text.Json;
using Actors.Schedules.Comparison;

namespace Actors.Cli.Commands;

/// <summary>Comparisons and choices as JSON, an object a line.</summary>
internal static class ComparisonJson
{
    /// <summary>A comparison: a line that says what is compared, and a line a schedule.</summary>
    public static void Write(ScheduleComparison comparison, ComparisonOrder order, StepCostsInput costs, TextWriter output)
    {
        output.WriteLine(JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("event", "comparison");
            json.WriteNumber("ranks", comparison.Request.Ranks);
            json.WriteNumber("microBatches", comparison.Request.MicroBatches);
            json.WriteString("equal", comparison.Request.EqualBy == EqualBy.Stages ? "stages" : "ranks");
            json.WriteString("unit", costs.Unit);
            json.WriteEndObject();
        }));
        foreach (ComparedSchedule schedule in comparison.In(order))
        {
            output.WriteLine(JsonText.Of(json => Write(json, "schedule", schedule, "refusal", schedule.Refusal)));
        }
    }

    /// <summary>A choice: a line that names the best and the runner-up, and a line a schedule, those that fit before the others.</summary>
    public static void Write(ScheduleChoice choice, StepCostsInput costs, TextWriter output)
    {
        output.WriteLine(JsonText.Of(json =>
        {
            json.WriteStartObject();
            json.WriteString("event", "choice");
            json.WriteString("best", choice.Best?.Name);
            json.WriteString("runnerUp", choice.RunnerUp?.Name);
            json.WriteString("mend", choice.Mend);
            json.WriteNumber("ranks", choice.Request.Ranks);
            json.WriteNumber("microBatches", choice.Request.MicroBatches);
            json.WriteString("unit", costs.Unit);
            json.WriteEndObject();
        }));
        foreach (ComparedSchedule schedule in choice.Fitting)
        {
            output.WriteLine(JsonText.Of(json => Write(json, "fits", schedule, "lack", null)));
        }

        foreach (RejectedSchedule rejected in choice.Rejected)
        {
            output.WriteLine(JsonText.Of(json => Write(json, "rejected", rejected.Schedule, "lack", rejected.Lack)));
        }
    }

    private static void Write(Utf8JsonWriter json, string kind, ComparedSchedule schedule, string reason, string? text)
    {
        json.WriteStartObject();
        json.WriteString("event", kind);
        json.WriteString("schedule", schedule.Name);
        json.WriteString("constraint", schedule.Constraint);
        json.WriteString(reason, text);
        if (schedule.MemoryLimit is { } limit)
        {
            json.WriteFinite("memoryLimit", limit);
        }

        if (schedule.Figures is { } figures)
        {
            WriteFigures(json, figures);
        }

        json.WriteEndObject();
    }

    private static void WriteFigures(Utf8JsonWriter json, ScheduleFigures figures)
    {
        json.WriteNumber("ranks", figures.Ranks);
        json.WriteNumber("stages", figures.Stages);
        json.WriteNumber("microBatches", figures.MicroBatches);
        json.WriteFinite("stepTime", figures.StepTime);
        json.WriteFinite("rankTime", figures.RankTime);
        json.WriteFinite("bubbleFraction", figures.BubbleFraction);
        json.WriteFinite("exposedCommunicationFraction", figures.ExposedCommunicationFraction);
        json.WriteNumber("peakChunks", figures.PeakChunks);
        json.WriteFinite("peakActivations", figures.PeakActivations);
        json.WriteFinite("parameters", figures.Parameters);
    }
}
