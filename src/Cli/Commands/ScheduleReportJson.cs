using System.Text.Json;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Formulas;
using Actors.Schedules.Timing;

namespace Actors.Cli.Commands;

/// <summary>What a timetable would take, as one JSON object of one line.</summary>
internal static class ScheduleReportJson
{
    public static string Of(ScheduleEvaluation evaluation, StepCostsInput input) => JsonText.Of(json =>
    {
        SimulatedRun run = evaluation.Run;
        json.WriteStartObject();
        json.WriteString("event", "report");
        json.WriteString("schedule", evaluation.Timetable.Schedule);
        json.WriteNumber("ranks", evaluation.Timetable.Ranks);
        json.WriteNumber("stages", evaluation.Timetable.Stages);
        json.WriteNumber("microBatches", evaluation.Timetable.MicroBatches);
        json.WriteNumber("actions", evaluation.Timetable.ActionCount);
        json.WriteString("unit", input.Unit);
        WriteCosts(json, input.Costs);
        json.WriteNumber("stepTime", run.StepTime);
        json.WriteNumber("bubbleFraction", run.BubbleFraction);
        json.WriteNumber("exposedCommunicationFraction", run.ExposedCommunicationFraction);
        json.WriteNumber("largestBubble", evaluation.LargestBubble);
        json.WriteNumber("peakChunks", evaluation.PeakChunks);
        json.WriteNumber("peakActivations", evaluation.PeakActivations);
        json.WriteNumber("stagesOfARank", evaluation.StagesOfARank);
        json.WriteNumber("parameters", evaluation.Parameters);
        WriteFormula(json, evaluation);
        WritePath(json, run.FindCriticalPath());
        json.WriteStartArray("perRank");
        for (int rank = 0; rank < evaluation.Timetable.Ranks; rank++)
        {
            WriteRank(json, evaluation, rank);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteCosts(Utf8JsonWriter json, StepCosts costs)
    {
        json.WriteStartArray("stageCosts");
        foreach (StageCosts stage in costs.Stages)
        {
            json.WriteStartObject();
            json.WriteNumber("forward", stage.Forward);
            json.WriteNumber("backwardInput", stage.BackwardInput);
            json.WriteNumber("backwardWeights", stage.BackwardWeights);
            json.WriteNumber("backward", stage.Backward);
            json.WriteNumber("pair", stage.Pair);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("latency", costs.Link.Latency);
    }

    private static void WriteFormula(Utf8JsonWriter json, ScheduleEvaluation evaluation)
    {
        if (evaluation.Formula is not { } formula)
        {
            json.WriteNull("formula");
            return;
        }

        json.WriteStartObject("formula");
        WriteValue(json, "bubble", formula.BubbleText, evaluation.BubbleByFormula);
        json.WriteString("bubbleHolds", formula.BubbleHolds);
        WriteValue(json, "peakChunks", formula.ActivationsText, evaluation.PeakChunksByFormula);
        json.WriteString("source", formula.Source);
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, string text, FormulaValue? value)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        if (value is { } known)
        {
            json.WriteNumber("value", known.Value);
            json.WriteString("accuracy", ScheduleReport.Words(known.Accuracy));
        }

        json.WriteEndObject();
    }

    private static void WritePath(Utf8JsonWriter json, CriticalPath path)
    {
        json.WriteStartObject("criticalPath");
        json.WriteNumber("compute", path.ComputeTime);
        json.WriteNumber("transfer", path.TransferTime);
        json.WriteNumber("rankSwitches", path.RankSwitches);
        json.WriteNumber("segments", path.Segments.Length);
        json.WriteEndObject();
    }

    private static void WriteRank(Utf8JsonWriter json, ScheduleEvaluation evaluation, int rank)
    {
        SimulatedRun run = evaluation.Run;
        BubbleParts parts = run.BubblePartsOf(rank);
        RankMemory memory = evaluation.Memory[rank];
        json.WriteStartObject();
        json.WriteNumber("rank", rank);
        json.WriteNumber("busy", run.BusyOf(rank));
        json.WriteNumber("bubble", run.BubbleOf(rank));
        json.WriteNumber("bubbleBefore", parts.Before);
        json.WriteNumber("bubbleWithin", parts.Within);
        json.WriteNumber("bubbleAfter", parts.After);
        json.WriteNumber("exposedCommunication", run.ExposedCommunicationOf(rank));
        json.WriteNumber("peakChunks", memory.PeakChunks);
        json.WriteNumber("peakActivations", memory.PeakActivations);
        json.WriteNumber("stages", memory.Stages);
        json.WriteNumber("parameters", memory.Parameters);
        json.WriteEndObject();
    }
}
