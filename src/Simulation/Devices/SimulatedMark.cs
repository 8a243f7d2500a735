using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>A place in delayed work: what waits for it is done no sooner than what lies before it.</summary>
internal sealed class SimulatedMark : StreamMark
{
    private DelayedWork? _before;
    private (long Count, long End) _place;
    private long _time;

    public void Record(DelayedWork work) => (_before, _place, _time) = (work, work.Place, work.ReachedAt);

    public override double SecondsSince(StreamMark earlier) => (_time - ((SimulatedMark)earlier)._time) / (double)TimeSpan.TicksPerSecond;

    public void HoldUp(DelayedWork work)
    {
        if (_before is { } before && before != work)
        {
            work.AddBehind(before, _place);
        }
    }
}
