using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// When the components of a step ran on a device that stages run ahead of, by the run's clock: a mark before each component and one behind it, and one in the
/// empty stream when the step begins, whose time the host knows. Marks are made in the first step and used again. What a component enqueues late counts as its own time.
/// </summary>
/// <param name="backend">Makes marks.</param>
/// <param name="stream">The stage's.</param>
/// <param name="time">The run's clock.</param>
/// <param name="components">Most components of a step.</param>
internal sealed class DeviceTimes(IBackend backend, IStream stream, TimeProvider time, int components) : IDisposable
{
    private readonly StreamMark _stepStart = backend.CreateMark(isTimed: true);
    private readonly (StreamMark Start, StreamMark End)[] _marks = new (StreamMark, StreamMark)[components];
    private readonly (Component Component, int Place)[] _ran = new (Component, int)[components];
    private long _startTick;
    private int _made;

    /// <summary>Components of the step that have ended for the stage.</summary>
    public int Count { get; private set; }

    /// <summary>A step begins; nothing is enqueued.</summary>
    public void Begin()
    {
        Count = 0;
        stream.Record(_stepStart);
        _startTick = time.GetTimestamp();
    }

    /// <summary>A component is about to enqueue its work.</summary>
    public void Start()
    {
        if (Count == _made)
        {
            _marks[_made++] = (backend.CreateMark(isTimed: true), backend.CreateMark(isTimed: true));
        }

        stream.Record(_marks[Count].Start);
    }

    /// <summary>A component has enqueued its work.</summary>
    /// <param name="component">The component.</param>
    /// <param name="place">Where the trace has its event.</param>
    public void End(Component component, int place)
    {
        stream.Record(_marks[Count].End);
        _ran[Count++] = (component, place);
    }

    /// <summary>A component of the step and when it ran; to be asked when the stream has come to the step's end.</summary>
    public (Component Component, int Place, long Start, long End) this[int i] =>
        (_ran[i].Component, _ran[i].Place, TickOf(_marks[i].Start), TickOf(_marks[i].End));

    /// <inheritdoc/>
    public void Dispose()
    {
        _stepStart.Dispose();
        foreach ((StreamMark start, StreamMark end) in _marks.AsSpan(0, _made))
        {
            start.Dispose();
            end.Dispose();
        }
    }

    private long TickOf(StreamMark mark) => _startTick + (long)Math.Round(mark.SecondsSince(_stepStart) * time.TimestampFrequency);
}
