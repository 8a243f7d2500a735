using Actors.Runtime.Fabric;

namespace Actors.Runtime.Pipeline;

/// <summary>Where a rank's time goes: computing, waiting for the shard, for rows, for ranks that are behind, or for another stage.</summary>
internal sealed class StageClock
{
    private readonly TimeProvider _time;
    private readonly TraceRecorder? _trace;
    private readonly ByPhase<Journey> _journeys;
    private readonly StepTimeline _timeline;
    private long _stepStart;
    private long _componentStart;
    private long _waitStart;
    private long _deviceWaitStart;
    private long _compute;
    private long _experts;
    private long _exposed;
    private long _skew;
    private long _bubble;

    /// <summary>Makes a clock.</summary>
    /// <param name="time">The run's clock.</param>
    /// <param name="trace">Where events go; null: nowhere.</param>
    /// <param name="exchanges">Exchanges of a step.</param>
    /// <param name="components">Most components of a step.</param>
    public StageClock(TimeProvider time, TraceRecorder? trace, int exchanges, int components)
    {
        (_time, _trace) = (time, trace);
        _journeys = new(exchanges);
        _timeline = new StepTimeline(components);
    }

    public void Begin()
    {
        (_compute, _experts, _exposed, _skew, _bubble, _waitStart, _deviceWaitStart) = (0, 0, 0, 0, 0, 0, 0);
        _timeline.Begin();
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
            _compute += _time.GetTimestamp() - _deviceWaitStart;
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
        if (rows is { } awaited)
        {
            // Until the last sender had begun nothing could have come: that is no slowness of the links.
            long skew = Math.Clamp(_journeys[awaited.Exchange, awaited.Phase].LastStart - _waitStart, 0, waited);
            _skew += skew;
            _exposed += waited - skew;
        }
        else
        {
            _bubble += waited;
        }

        _trace?.Add(TraceKind.Wait, component, _waitStart, _componentStart);
        _waitStart = 0;
    }

    public void End(Component component)
    {
        if (component.Kind == ComponentKind.Release)
        {
            return;
        }

        long now = _time.GetTimestamp();
        if (component.Kind is ComponentKind.ExpertsForward or ComponentKind.ExpertsBackward or ComponentKind.ExpertWeights)
        {
            _experts += now - _componentStart;
        }
        else
        {
            _compute += now - _componentStart;
        }

        _timeline.Computed(_componentStart, now);
        _trace?.Add(TraceKind.Compute, component, _componentStart, now);
    }

    public void CommunicationStarted(Component component, int exchange, ExchangePhase phase, long start) =>
        _journeys[exchange, phase] = new Journey(component, start, start, start);

    /// <summary>A channel, or all of them, have moved their rows of an exchange.</summary>
    public void RowsMoved(RowsMoved moved, bool isLast)
    {
        ref Journey journey = ref _journeys[moved.Exchange, moved.Phase];
        journey = journey with { LastStart = Math.Max(journey.LastStart, moved.LastStart), End = Math.Max(journey.End, moved.End) };
        if (isLast)
        {
            _timeline.Communicated(journey.LastStart, journey.End, journey.Component.IsPaired);
            _trace?.Add(TraceKind.Skew, journey.Component, journey.Start, journey.LastStart);
            _trace?.Add(TraceKind.Communication, journey.Component, journey.LastStart, journey.End);
        }
    }

    /// <summary>Where the time of the step went.</summary>
    public RankTimes Finish()
    {
        (CommunicationTime all, CommunicationTime inPairs) = _timeline.Finish();
        return new RankTimes(_time.GetTimestamp() - _stepStart, _compute, _experts, _exposed, _skew, _bubble, all, inPairs);
    }

    /// <summary>Rows under way: what sent them, when this rank began, when the last rank that sends began, and when the last row had come.</summary>
    private readonly record struct Journey(Component Component, long Start, long LastStart, long End);
}
