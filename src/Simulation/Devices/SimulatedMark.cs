using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>A place in delayed work: what waits for it is done no sooner than what lies before it.</summary>
internal sealed class SimulatedMark : StreamMark
{
    private DelayedWork? _before;
    private (long Count, long End) _place;

    public void Record(DelayedWork work) => (_before, _place) = (work, work.Place);

    public void HoldUp(DelayedWork work)
    {
        if (_before is { } before && before != work)
        {
            work.AddBehind(before, _place);
        }
    }
}
