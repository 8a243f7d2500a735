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

    public void Begin()
    {
        (_compute, _experts, _exposed, _bubble, _waitStart) = (0, 0, 0, 0, 0);
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
        _componentStart = time.GetTimestamp();
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

        trace?.Add(TraceKind.Compute, component, _componentStart, now);
    }

    public void CommunicationStarted(Component component, int exchange, ExchangePhase phase) =>
        _communication[Index(exchange, phase)] = (component, time.GetTimestamp());

    public void CommunicationEnded(int exchange, ExchangePhase phase)
    {
        if (trace is null)
        {
            return;
        }

        (Component component, long start) = _communication[Index(exchange, phase)];
        trace.Add(TraceKind.Communication, component, start, time.GetTimestamp());
    }

    public StageTimes Finish() => new(time.GetTimestamp() - _stepStart, _compute, _experts, _exposed, _bubble);

    private static int Index(int exchange, ExchangePhase phase) => (2 * exchange) + (int)phase;
}
