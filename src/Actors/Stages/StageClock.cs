using Actors.Runtime.Fabric;

namespace Actors.Runtime.Stages;

/// <summary>Where a rank's time goes: computing, waiting for the shard, for rows, or for another stage.</summary>
internal sealed class StageClock(TimeProvider time, TraceRecorder? trace, int exchanges)
{
    private readonly (Component Component, long Start)[] _communication = new (Component, long)[2 * exchanges];
    private long _stepStart;
    private long _componentStart;
    private long _waitStart;
    private long _compute;
    private long _experts;
    private long _exposed;
    private long _bubble;
    private long _hidden;
    private long _overlapStart;
    private int _underWay;
    private bool _computes;

    public void Begin()
    {
        (_compute, _experts, _exposed, _bubble, _hidden, _waitStart) = (0, 0, 0, 0, 0, 0);
        _stepStart = time.GetTimestamp();
    }

    /// <summary>The stage has nothing to do until a component's input comes.</summary>
    public void Wait(Component component)
    {
        if (_waitStart == 0)
        {
            _waitStart = time.GetTimestamp();
        }
    }

    public void Start(Component component)
    {
        _componentStart = _overlapStart = time.GetTimestamp();
        _computes = component.Kind != ComponentKind.Release;
        if (_waitStart == 0)
        {
            return;
        }

        long waited = _componentStart - _waitStart;
        if (component.Kind is ComponentKind.ReceiveForward or ComponentKind.ReceiveBackward)
        {
            _bubble += waited;
        }
        else
        {
            _exposed += waited;
        }

        trace?.Add(TraceKind.Wait, component, _waitStart, _componentStart);
        _waitStart = 0;
    }

    public void End(Component component)
    {
        long now = time.GetTimestamp();
        switch (component.Kind)
        {
            case ComponentKind.ExpertsForward or ComponentKind.ExpertsBackward or ComponentKind.ExpertWeights:
                _experts += now - _componentStart;
                break;
            case ComponentKind.Release:
                return;
            default:
                _compute += now - _componentStart;
                break;
        }

        _hidden += _underWay > 0 ? now - _overlapStart : 0;
        _computes = false;
        trace?.Add(TraceKind.Compute, component, _componentStart, now);
    }

    public void CommunicationStarted(Component component, int exchange, ExchangePhase phase)
    {
        long now = time.GetTimestamp();
        _communication[Index(exchange, phase)] = (component, now);
        _overlapStart = _underWay++ == 0 ? now : _overlapStart;
    }

    public void CommunicationEnded(int exchange, ExchangePhase phase)
    {
        bool endsOverlap = --_underWay == 0 && _computes;
        if (trace is null && !endsOverlap)
        {
            return;
        }

        long now = time.GetTimestamp();
        _hidden += endsOverlap ? now - _overlapStart : 0;
        (Component component, long start) = _communication[Index(exchange, phase)];
        trace?.Add(TraceKind.Communication, component, start, now);
    }

    public StageTimes Finish() => new(time.GetTimestamp() - _stepStart, _compute, _experts, _exposed, _bubble, _hidden);

    private static int Index(int exchange, ExchangePhase phase) => (2 * exchange) + (int)phase;
}
