namespace Actors.Runtime.Pipeline;

/// <summary>Keeps the events of one rank, up to a limit, then counts what it drops. Written by the rank's stage only.</summary>
public sealed class TraceRecorder
{
    /// <summary>What <see cref="Add"/> returns for an event that did not fit.</summary>
    public const int NoPlace = -1;

    private readonly TraceEvent[] _events;

    /// <summary>Makes room for <paramref name="capacity"/> events.</summary>
    public TraceRecorder(int capacity) => _events = new TraceEvent[capacity];

    /// <summary>Events that did not fit.</summary>
    public long Dropped { get; private set; }

    /// <summary>Number of events kept.</summary>
    public int Count { get; private set; }

    /// <summary>The events, in the order in which the stage was done with them. Read while no step runs.</summary>
    public ReadOnlySpan<TraceEvent> Events => _events.AsSpan(0, Count);

    /// <summary>Keeps an event and returns its place.</summary>
    public int Add(TraceKind kind, Component component, long start, long end)
    {
        if (Count < _events.Length)
        {
            _events[Count] = new TraceEvent(kind, component, start, end);
            return Count++;
        }

        Dropped++;
        return NoPlace;
    }

    /// <summary>A pass of a training step begins, which plays so many micro-batches.</summary>
    public void Begin(int microBatches, long now) =>
        Add(TraceKind.Begin, new Component(ComponentKind.ReceiveForward, Stage: 0, microBatches, Layer: 0), now, now);

    /// <summary>Says when an event was: the device's time is known later than that the event was.</summary>
    public void Retime(int place, long start, long end)
    {
        if (place != NoPlace)
        {
            _events[place] = _events[place] with { Start = start, End = end };
        }
    }
}
