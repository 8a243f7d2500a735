namespace Actors.Runtime.Pipeline;

/// <summary>Keeps the events of one rank, up to a limit, then counts what it drops. Written by the rank's stage only.</summary>
public sealed class TraceRecorder
{
    private readonly TraceEvent[] _events;

    /// <summary>Makes room for <paramref name="capacity"/> events.</summary>
    public TraceRecorder(int capacity) => _events = new TraceEvent[capacity];

    /// <summary>Events that did not fit.</summary>
    public long Dropped { get; private set; }

    /// <summary>Number of events kept.</summary>
    public int Count { get; private set; }

    /// <summary>The events, in the order in which they ended. Read while no step runs.</summary>
    public ReadOnlySpan<TraceEvent> Events => _events.AsSpan(0, Count);

    /// <summary>Keeps an event.</summary>
    public void Add(TraceKind kind, Component component, long start, long end)
    {
        if (Count < _events.Length)
        {
            _events[Count++] = new TraceEvent(kind, component, start, end);
        }
        else
        {
            Dropped++;
        }
    }
}
