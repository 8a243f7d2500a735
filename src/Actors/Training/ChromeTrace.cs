using System.Collections.Immutable;
using System.Text.Json;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Results;
using Actors.Schedules.Traces;

namespace Actors.Runtime.Training;

/// <summary>
/// Writes what ranks have traced in Chrome's trace event format, which Perfetto opens: a process a rank, with a row for
/// computation, one for communication, one for the timetable's actions and one for skew, the time in which rows could not yet
/// come since a rank had not begun to send them; from which <c>TraceCosts</c> takes its costs.
/// </summary>
public static class ChromeTrace
{
    /// <summary>Writes the events of every rank of a run.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="trace">What the ranks have traced.</param>
    /// <param name="time">The clock of the run.</param>
    public static void Write(string path, RunTrace trace, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(time);
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        long origin = FirstTick(trace);
        double microsecondsPerTick = 1e6 / time.TimestampFrequency;
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
        for (int rank = 0; rank < trace.Plan.Ranks; rank++)
        {
            TraceNames.Write(json, "process_name", rank, 0, $"rank {rank}");
            TraceNames.Write(json, "thread_name", rank, 0, "compute");
            TraceNames.Write(json, "thread_name", rank, 1, "communication");
            TraceNames.Write(json, "thread_name", rank, 2, "actions");
            TraceNames.Write(json, "thread_name", rank, 3, "skew");
            foreach (TraceEvent traced in trace.Ranks[rank].Events)
            {
                if (traced.Kind is not (TraceKind.Wait or TraceKind.Begin))
                {
                    WriteEvent(json, rank, traced, origin, microsecondsPerTick);
                }
            }

            WriteActions(json, trace, rank, origin, microsecondsPerTick);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, int rank, TraceEvent traced, long origin, double microsecondsPerTick)
    {
        Component component = traced.Component;
        json.WriteStartObject();
        json.WriteString("name", $"{component.Kind} {component.Stage}.{component.Layer} mb{component.MicroBatch}");
        (string category, int row) = traced.Kind switch
        {
            TraceKind.Compute => ("compute", 0),
            TraceKind.Communication => ("communication", 1),
            _ => ("skew", 3),
        };
        json.WriteString("cat", category);
        json.WriteString("ph", "X");
        json.WriteNumber("pid", rank);
        json.WriteNumber("tid", row);
        json.WriteNumber("ts", (traced.Start - origin) * microsecondsPerTick);
        json.WriteNumber("dur", (traced.End - traced.Start) * microsecondsPerTick);
        json.WriteStartObject("args");
        json.WriteString("component", component.Kind.ToString());
        json.WriteNumber("stage", component.Stage);
        json.WriteNumber("layer", component.Layer);
        json.WriteNumber("microBatch", component.MicroBatch);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteActions(Utf8JsonWriter json, RunTrace trace, int rank, long origin, double microsecondsPerTick)
    {
        RankPosition position = trace.Plan.PositionOf(rank);
        foreach (TracedAction traced in TracedActions.Of(trace, rank))
        {
            string action = traced.Action.ToString();
            json.WriteStartObject();
            json.WriteString("name", action);
            json.WriteString("cat", "action");
            json.WriteString("ph", "X");
            json.WriteNumber("pid", rank);
            json.WriteNumber("tid", 2);
            json.WriteNumber("ts", (traced.Start - origin) * microsecondsPerTick);
            json.WriteNumber("dur", (traced.End - traced.Start) * microsecondsPerTick);
            json.WriteStartObject("args");
            json.WriteString("action", action);
            json.WriteNumber("step", traced.Step);
            json.WriteNumber("position", traced.Position);
            json.WriteNumber("weights", traced.Weights * microsecondsPerTick);
            json.WriteNumber("pipelineRank", position.PipelineRank);
            json.WriteNumber("expertRank", position.ExpertRank);
            json.WriteNumber("dataGroup", position.DataGroup);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private static long FirstTick(RunTrace trace)
    {
        long first = long.MaxValue;
        for (int rank = 0; rank < trace.Plan.Ranks; rank++)
        {
            ImmutableArray<TraceEvent> events = trace.Ranks[rank].Events;
            first = events.IsEmpty ? first : Math.Min(first, events.Min(traced => traced.Start));
        }

        return first == long.MaxValue ? 0 : first;
    }
}
