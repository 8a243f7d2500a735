using System.Text.Json;
using Actors.Runtime.Pipeline;
using Actors.Schedules.Traces;

namespace Actors.Runtime.Training;

/// <summary>
/// Writes what ranks have traced in Chrome's trace event format, which Perfetto opens: a process a rank, with a row for
/// computation, one for communication, one for the timetable's actions and one for skew, the time in which rows could not yet
/// come since a rank had not begun to send them; from which <c>TraceCosts</c> takes its costs.
/// </summary>
public static class ChromeTrace
{
    /// <summary>Writes the events of every rank of a run; call it while no step runs.</summary>
    /// <param name="path">File to write.</param>
    /// <param name="host">The run, with a trace capacity above 0.</param>
    /// <param name="time">The clock of the run.</param>
    public static void Write(string path, TrainingHost host, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(time);
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file);
        long origin = FirstTick(host);
        double microsecondsPerTick = 1e6 / time.TimestampFrequency;
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
        for (int rank = 0; rank < host.Plan.Ranks; rank++)
        {
            TraceNames.Write(json, "process_name", rank, 0, $"rank {rank}");
            TraceNames.Write(json, "thread_name", rank, 0, "compute");
            TraceNames.Write(json, "thread_name", rank, 1, "communication");
            TraceNames.Write(json, "thread_name", rank, 2, "actions");
            TraceNames.Write(json, "thread_name", rank, 3, "skew");
            foreach (TraceEvent traced in EventsOf(host, rank))
            {
                if (traced.Kind != TraceKind.Wait)
                {
                    WriteEvent(json, rank, traced, origin, microsecondsPerTick);
                }
            }

            WriteActions(json, host, rank, origin, microsecondsPerTick);
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

    private static void WriteActions(Utf8JsonWriter json, TrainingHost host, int rank, long origin, double microsecondsPerTick)
    {
        RankResources resources = host.Rank(rank);
        foreach (TracedAction traced in TracedActions.Of(host, rank))
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
            json.WriteNumber("pipelineRank", resources.Position.PipelineRank);
            json.WriteNumber("expertRank", resources.ExpertRank);
            json.WriteNumber("dataGroup", resources.Position.DataGroup);
            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private static long FirstTick(TrainingHost host)
    {
        long first = long.MaxValue;
        for (int rank = 0; rank < host.Plan.Ranks; rank++)
        {
            ReadOnlySpan<TraceEvent> events = EventsOf(host, rank);
            first = events.IsEmpty ? first : Math.Min(first, events[0].Start);
        }

        return first == long.MaxValue ? 0 : first;
    }

    private static ReadOnlySpan<TraceEvent> EventsOf(TrainingHost host, int rank) =>
        host.Trace(rank) is { } recorder ? recorder.Events : [];
}
