using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// When the components of a step ran on a device that stages run ahead of, by the run's clock: a mark before each component and one behind it, one more behind what
/// a component waits for in the stream, and one in the empty stream when the step begins, whose time the host knows. Marks are made in the first step and used again.
/// What a component enqueues late counts as its own time.
/// </summary>
/// <param name="backend">Makes marks.</param>
/// <param name="stream">The stage's.</param>
/// <param name="time">The run's clock.</param>
/// <param name="components">Most components of a step.</param>
internal sealed class DeviceTimes(IBackend backend, IStream stream, TimeProvider time, int components) : IDisposable
{
    private readonly StreamMark _stepStart = backend.CreateMark(isTimed: true);
    private readonly (StreamMark Start, StreamMark End)[] _marks = new (StreamMark, StreamMark)[components];
    private readonly StreamMark?[] _arrivals = new StreamMark?[components];
    private readonly (Component Component, int Place, bool Waited)[] _ran = new (Component, int, bool)[components];
    private readonly bool[] _awaited = new bool[components];
    private long _startTick;
    private int _made;
    private bool _hasWaited;

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
    /// <param name="awaitsStage">Whether the stream has to wait for another stage's rows before it.</param>
    public void Start(bool awaitsStage)
    {
        _awaited[Count] = awaitsStage;
        if (Count == _made)
        {
            _marks[_made++] = (MakeMark(), MakeMark());
        }

        _hasWaited = false;
        stream.Record(_marks[Count].Start);
    }

    /// <summary>The component that has started has had its stream wait for what others enqueue: it runs from here on.</summary>
    public void Arrived()
    {
        stream.Record(_arrivals[Count] ??= MakeMark());
        _hasWaited = true;
    }

    /// <summary>A component has enqueued its work.</summary>
    /// <param name="component">The component.</param>
    /// <param name="place">Where the trace has its event.</param>
    public void End(Component component, int place)
    {
        stream.Record(_marks[Count].End);
        _ran[Count++] = (component, place, _hasWaited);
    }

    /// <summary>A component of the step, when its stream came to it and when it ran; to be asked when the stream has come to the step's end.</summary>
    public (Component Component, int Place, long Reached, long Start, long End) this[int i]
    {
        get
        {
            long reached = TickOf(_marks[i].Start);
            return (_ran[i].Component, _ran[i].Place, reached, _ran[i].Waited ? TickOf(_arrivals[i]!) : reached, TickOf(_marks[i].End));
        }
    }

    /// <summary>Makes a mark that has a time.</summary>
    public StreamMark MakeMark() => backend.CreateMark(isTimed: true);

    /// <summary>When a mark of the rank's device was reached in this step, by the run's clock.</summary>
    public long TickOf(StreamMark mark) => _startTick + (long)Math.Round(mark.SecondsSince(_stepStart) * time.TimestampFrequency);

    /// <summary>Whether the stream had to wait for another stage's rows before a component.</summary>
    public bool AwaitedStage(int i) => _awaited[i];

    /// <inheritdoc/>
    public void Dispose()
    {
        _stepStart.Dispose();
        foreach ((StreamMark start, StreamMark end) in _marks.AsSpan(0, _made))
        {
            start.Dispose();
            end.Dispose();
        }

        Array.ForEach(_arrivals, static mark => mark?.Dispose());
    }
}
