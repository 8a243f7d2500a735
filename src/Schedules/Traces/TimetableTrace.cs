using System.Buffers;
using System.Text;
using System.Text.Json;
using Actors.Schedules.Drawing;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Traces;

/// <summary>
/// Writes a simulated run in Chrome's trace event format, which Perfetto opens: a row a rank with its actions, an arrow from the action
/// that computes a result to the one on another rank that uses it, and, where a link's bandwidth is finite, a row a link with its
/// transfers. Actions have the form that <c>actors train --trace</c> writes, so that <see cref="TraceCosts"/> reads their costs back.
/// </summary>
public sealed class TimetableTrace
{
    private const int Ranks = 0;
    private const int Links = 1;
    private const double MicrosecondsPerMillisecond = 1e3;
    private const long MaxCapacity = 1 << 26;

    private readonly SimulatedRun _run;
    private readonly Timetable _timetable;
    private readonly DrawingLanes _lanes;
    private readonly double _microsecondsPerUnit;
    private readonly Utf8JsonWriter _json;
    private int _arrows;

    private TimetableTrace(SimulatedRun run, double millisecondsPerUnit, Utf8JsonWriter json)
    {
        _run = run;
        _timetable = run.Timetable;
        _lanes = new DrawingLanes(_timetable.Placement);
        _microsecondsPerUnit = millisecondsPerUnit * MicrosecondsPerMillisecond;
        _json = json;
    }

    /// <summary>The trace as JSON of one line. Linear in actions.</summary>
    /// <param name="run">What is written.</param>
    /// <param name="millisecondsPerUnit">How long one unit of the costs is, in milliseconds, above 0; by default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The unit is not above 0, or infinite.</exception>
    public static string Write(SimulatedRun run, double millisecondsPerUnit = 1)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!double.IsFinite(millisecondsPerUnit) || millisecondsPerUnit <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(millisecondsPerUnit), millisecondsPerUnit, "A unit is finite and above 0.");
        }

        var utf8 = new ArrayBufferWriter<byte>((int)Math.Min(MaxCapacity, 512 + run.Timetable.ActionCount * 400L));
        using (var json = new Utf8JsonWriter(utf8))
        {
            new TimetableTrace(run, millisecondsPerUnit, json).Write();
        }

        return Encoding.UTF8.GetString(utf8.WrittenSpan);
    }

    private void Write()
    {
        _json.WriteStartObject();
        _json.WriteString("displayTimeUnit", "ms");
        _json.WriteStartArray("traceEvents");
        TraceNames.Write(_json, "process_name", Ranks, 0, $"{_timetable.Schedule}, simulated");
        for (var rank = 0; rank < _timetable.Ranks; rank++)
        {
            TraceNames.Write(_json, "thread_name", Ranks, rank, $"rank {rank}");
            for (var position = 0; position < _timetable.ActionsOf(rank).Length; position++)
            {
                WriteAction(rank, position);
                WriteArrows(rank, position);
            }
        }

        if (!_run.Costs.IsSendingFree)
        {
            WriteTransfers();
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    private void WriteAction(int rank, int position)
    {
        var action = _timetable.ActionsOf(rank)[position];
        var text = action.ToString();
        Open(text, "action", "X", Ranks, rank, _run.StartOf(rank, position));
        _json.WriteNumber("dur", _run.Costs.Of(action) * _microsecondsPerUnit);
        _json.WriteString("cname", ColorOf(action.Kind));
        _json.WriteStartObject("args");
        _json.WriteString("action", text);
        _json.WriteNumber("step", 0);
        _json.WriteNumber("position", position);
        _json.WriteNumber("weights", WeightsOf(action) * _microsecondsPerUnit);
        _json.WriteNumber("pipelineRank", rank);
        _json.WriteNumber("expertRank", 0);
        _json.WriteNumber("dataGroup", 0);
        _json.WriteString("kind", action.Kind.ToString());
        WriteChunk("stage", "microBatch", "chunk", action.IsPair ? action.ForwardPart : action);
        if (action.IsPair)
        {
            WriteChunk("backwardStage", "backwardMicroBatch", "backwardChunk", action.BackwardPart);
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    // The chunk's number says which of its rank's stages it belongs to.
    private void WriteChunk(string stage, string microBatch, string chunk, in StageAction part)
    {
        _json.WriteNumber(stage, part.Stage);
        _json.WriteNumber(microBatch, part.MicroBatch);
        _json.WriteNumber(chunk, _lanes.PlaceOf(part));
    }

    // The time in which weight gradients are computed, as a trainer measures it.
    private double WeightsOf(in StageAction action) => action.Kind switch
    {
        ActionKind.BackwardWeights or ActionKind.Backward => _run.Costs.OfStage(action.Stage).BackwardWeights,
        ActionKind.Pair => _run.Costs.OfStage(action.BackwardPart.Stage).BackwardWeights,
        _ => 0,
    };

    private void WriteArrows(int rank, int position)
    {
        var action = _timetable.ActionsOf(rank)[position];
        if (action.IsPair)
        {
            WriteArrowsTo(action.ForwardPart, rank, position);
            WriteArrowsTo(action.BackwardPart, rank, position);
        }
        else
        {
            WriteArrowsTo(action, rank, position);
        }
    }

    private void WriteArrowsTo(in StageAction part, int rank, int position)
    {
        var (first, second) = _run.Playback.Chunks.InputsOf(part);
        WriteArrow(first, rank, position);
        WriteArrow(second, rank, position);
    }

    // An arrow belongs to the action in whose time its end lies; where an action ends the next may begin, so it starts in the middle.
    private void WriteArrow(int input, int rank, int position)
    {
        if (input == ChunkTable.None)
        {
            return;
        }

        var (sender, sent) = _run.Playback.Chunks.PlaceOf(input);
        if (sender == rank)
        {
            return;
        }

        var name = _run.Playback.Chunks.IsBackward(input) ? "gradient" : "activations";
        Open(name, "transfer", "s", Ranks, sender, (_run.StartOf(sender, sent) + _run.EndOf(sender, sent)) / 2);
        _json.WriteNumber("id", _arrows);
        _json.WriteEndObject();
        Open(name, "transfer", "f", Ranks, rank, _run.StartOf(rank, position));
        _json.WriteString("bp", "e");
        _json.WriteNumber("id", _arrows);
        _json.WriteEndObject();
        _arrows++;
    }

    private void WriteTransfers()
    {
        var (chunks, transfers) = (_run.Playback.Chunks, _run.Playback.Transfers);
        var links = new HashSet<int>();
        for (var slot = 0; slot < chunks.Slots; slot++)
        {
            var occupied = transfers.FreeAt(slot) - transfers.StartOf(slot);
            if (occupied <= 0)
            {
                continue;
            }

            var link = LinkOf(chunks.PlaceOf(slot).Rank, transfers.ReceiverOf(slot), links);
            var (stage, microBatch) = chunks.ChunkOf(slot);
            var result = chunks.IsBackward(slot) ? StageAction.BackwardInput(stage, microBatch) : StageAction.Forward(stage, microBatch);
            Open(result.ToString(), "transfer", "X", Links, link, transfers.StartOf(slot));
            _json.WriteNumber("dur", occupied * _microsecondsPerUnit);
            _json.WriteEndObject();
        }
    }

    // The row of a link, which is named when it is used first.
    private int LinkOf(int sender, int receiver, HashSet<int> named)
    {
        if (named.Count == 0)
        {
            TraceNames.Write(_json, "process_name", Links, 0, "links");
        }

        var link = sender * _timetable.Ranks + receiver;
        if (named.Add(link))
        {
            TraceNames.Write(_json, "thread_name", Links, link, $"rank {sender} to rank {receiver}");
        }

        return link;
    }

    // Leaves the event open for what it has of its own.
    private void Open(string name, string category, string phase, int process, int thread, double time)
    {
        _json.WriteStartObject();
        _json.WriteString("name", name);
        _json.WriteString("cat", category);
        _json.WriteString("ph", phase);
        _json.WriteNumber("pid", process);
        _json.WriteNumber("tid", thread);
        _json.WriteNumber("ts", time * _microsecondsPerUnit);
    }

    // Names of colours that the format has; Perfetto colours by the action's letters instead.
    private static string ColorOf(ActionKind kind) => kind switch
    {
        ActionKind.Forward => "rail_response",
        ActionKind.BackwardInput => "rail_animation",
        ActionKind.BackwardWeights => "rail_idle",
        ActionKind.Backward => "rail_load",
        _ => "generic_work",
    };
}
