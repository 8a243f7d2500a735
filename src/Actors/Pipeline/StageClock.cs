using Actors.Runtime.Fabric;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// Where a rank's time goes: computing, waiting for the shard, for rows, for ranks that are behind, or for another stage. Where the device's own times are
/// measured, computing is when it ran, and of waiting counts what it had nothing to run in; where the rank's device moves the rows too, communication is when it
/// did, and of waiting for rows all else is skew.
/// </summary>
internal sealed class StageClock : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TraceRecorder? _trace;
    private readonly ByPhase<Journey> _journeys;
    private readonly StepTimeline _timeline;
    private readonly DeviceTimes? _device;
    private readonly int _exchanges;
    private MoveTimes? _moves;
    private long _stepStart;
    private long _componentStart;
    private long _waitStart;
    private long _deviceWaitStart;
    private long _compute;
    private long _experts;

    /// <summary>Makes a clock.</summary>
    /// <param name="time">The run's clock.</param>
    /// <param name="trace">Where events go; null: nowhere.</param>
    /// <param name="exchanges">Exchanges of a step.</param>
    /// <param name="components">Most components of a step.</param>
    /// <param name="device">Measures when components ran on the device; null: they run when they are played, or nothing is traced.</param>
    public StageClock(TimeProvider time, TraceRecorder? trace, int exchanges, int components, DeviceTimes? device = null)
    {
        (_time, _trace, _device, _exchanges) = (time, trace, device, exchanges);
        _journeys = new(exchanges);
        _timeline = new StepTimeline(components);
    }

    /// <summary>Rows are moved by a stream of the rank's device, which says where it does: <see cref="MoveStarts"/>, <see cref="MoveEnds"/>, <see cref="Arrived"/>.</summary>
    public void MoveOnDevice() => _moves = _device is null ? null : new MoveTimes(_device, _exchanges);

    public void Begin()
    {
        (_compute, _experts, _waitStart, _deviceWaitStart) = (0, 0, 0, 0);
        _timeline.Begin();
        _device?.Begin();
        _moves?.Begin();
        _stepStart = _time.GetTimestamp();
    }

    /// <summary>The stage has nothing to do until a component's input comes.</summary>
    public void BeginWait()
    {
        if (_waitStart == 0)
        {
            _waitStart = _time.GetTimestamp();
        }
    }

    /// <summary>The stage waits for its device to come closer, or to the end: the device computes meanwhile.</summary>
    public void BeginDeviceWait() => _deviceWaitStart = _time.GetTimestamp();

    /// <summary>The stage goes on; nothing where it did not wait for its device.</summary>
    public void EndDeviceWait()
    {
        if (_deviceWaitStart != 0)
        {
            _compute += _device is null ? _time.GetTimestamp() - _deviceWaitStart : 0;
            _deviceWaitStart = 0;
        }
    }

    /// <summary>A component starts.</summary>
    /// <param name="component">The component.</param>
    /// <param name="rows">The phase of an exchange whose rows it had to wait for; null where it takes none.</param>
    public void Start(Component component, (int Exchange, ExchangePhase Phase)? rows)
    {
        _componentStart = _time.GetTimestamp();
        if (_waitStart == 0)
        {
            return;
        }

        long waited = _componentStart - _waitStart;
        if (rows is not null && _moves is not null)
        {
            _timeline.Waited(_waitStart, _componentStart, WaitKind.Rows);
        }
        else if (rows is { } awaited)
        {
            // Until the last sender had begun nothing could have come: that is no slowness of the links.
            long skewEnd = _waitStart + Math.Clamp(_journeys[awaited.Exchange, awaited.Phase].LastStart - _waitStart, 0, waited);
            _timeline.Waited(_waitStart, skewEnd, WaitKind.Skew);
            _timeline.Waited(skewEnd, _componentStart, WaitKind.Rows);
        }
        else
        {
            _timeline.Waited(_waitStart, _componentStart, WaitKind.Stage);
        }

        _trace?.Add(TraceKind.Wait, component, _waitStart, _componentStart);
        _waitStart = 0;
    }

    /// <summary>A component that has started is about to enqueue its work.</summary>
    /// <param name="awaitsStage">Whether its stream has been told to wait for another stage's rows.</param>
    public void Enqueue(bool awaitsStage = false) => _device?.Start(awaitsStage);

    /// <summary>What the component has waited for in the device's stream has come there.</summary>
    public void Arrived()
    {
        if (_moves is not null)
        {
            _device!.Arrived();
        }
    }

    /// <summary>A move is about to be enqueued, behind what it waits for.</summary>
    public void MoveStarts(IStream stream) => _moves?.Start(stream);

    /// <summary>A move has been enqueued: of rows to the experts, or of their sums.</summary>
    public void MoveEnds(IStream stream, int exchange, ExchangePhase phase, bool isSums) => _moves?.End(stream, exchange, phase, isSums);

    public void End(Component component)
    {
        if (component.Kind == ComponentKind.Release)
        {
            return;
        }

        long now = _time.GetTimestamp();
        int place = _trace?.Add(TraceKind.Compute, component, _componentStart, now) ?? TraceRecorder.NoPlace;
        if (_device is null)
        {
            Computed(component, _componentStart, now);
        }
        else
        {
            _device.End(component, place);
        }
    }

    public void CommunicationStarted(Component component, int exchange, ExchangePhase phase, long start)
    {
        _journeys[exchange, phase] = new Journey(component, start, start, start);
        _moves?.Begun(component, exchange, phase);
    }

    /// <summary>A channel, or all of them, have moved their rows of an exchange.</summary>
    public void RowsMoved(RowsMoved moved, bool isLast)
    {
        ref Journey journey = ref _journeys[moved.Exchange, moved.Phase];
        journey = journey with { LastStart = Math.Max(journey.LastStart, moved.LastStart), End = Math.Max(journey.End, moved.End) };
        if (isLast && _moves is null)
        {
            Communicated(journey.Component, journey.Start, journey.LastStart, journey.End);
        }
    }

    /// <summary>Where the time of the step went; the stage's stream has come to its end.</summary>
    public RankTimes Finish()
    {
        long before = _stepStart;
        for (int i = 0; i < _device?.Count; i++)
        {
            (Component component, int place, long reached, long start, long end) = _device[i];
            if (_device.AwaitedStage(i))
            {
                // The stage went on when the rows were enqueued; its stream had nothing to run until they were computed.
                _timeline.Waited(before, Math.Max(before, reached), WaitKind.Stage);
            }

            before = end;
            _timeline.Held(reached, start);
            Computed(component, start, end);
            _trace!.Retime(place, start, end);
        }

        for (int i = 0; i < _moves?.Count; i++)
        {
            (Component component, long ready, long start, long end) = _moves[i];
            Communicated(component, Math.Min(ready, start), start, end);
        }

        (long rows, long skew) = (_timeline.Idle(WaitKind.Rows), _timeline.Idle(WaitKind.Skew));
        if (_moves is not null)
        {
            long moving = _timeline.IdleUnderWay();
            (rows, skew) = (moving, rows - moving);
        }

        (CommunicationTime all, CommunicationTime inPairs) = _timeline.Finish();
        return new RankTimes(
            _time.GetTimestamp() - _stepStart, _compute, _experts, rows, skew, _timeline.Idle(WaitKind.Stage), all, inPairs,
            _device is null ? 0 : _compute + _experts);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _moves?.Dispose();
        _device?.Dispose();
    }

    private void Communicated(Component component, long ready, long start, long end)
    {
        _timeline.Communicated(start, end, component.IsPaired);
        _trace?.Add(TraceKind.Skew, component, ready, start);
        _trace?.Add(TraceKind.Communication, component, start, end);
    }

    private void Computed(Component component, long start, long end)
    {
        if (component.Kind is ComponentKind.ExpertsForward or ComponentKind.ExpertsBackward or ComponentKind.ExpertWeights)
        {
            _experts += end - start;
        }
        else
        {
            _compute += end - start;
        }

        _timeline.Computed(start, end);
    }

    /// <summary>Rows under way: what sent them, when this rank began, when the last rank that sends began, and when the last row had come.</summary>
    private readonly record struct Journey(Component Component, long Start, long LastStart, long End);
}
