using System.Text.Json;
using Actors.Schedules.Comparison;

namespace Actors.Cli.Commands;

/// <summary>A comparison as JSON: a line that says what is compared, and a line a schedule.</summary>
internal static class ComparisonJson
{
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
            output.WriteLine(JsonText.Of(json => Write(json, schedule, "schedule")));
        }
    }

    /// <summary>One schedule as an object.</summary>
    public static void Write(Utf8JsonWriter json, ComparedSchedule schedule, string kind)
    {
        json.WriteStartObject();
        json.WriteString("event", kind);
        json.WriteString("schedule", schedule.Name);
        json.WriteString("constraint", schedule.Constraint);
        json.WriteString("refusal", schedule.Refusal);
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
