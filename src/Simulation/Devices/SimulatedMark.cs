using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>A place in delayed work: what waits for it is done no sooner than what lies before it.</summary>
/// <param name="isTimed">Whether it has a time: a GPU's other marks have none.</param>
internal sealed class SimulatedMark(bool isTimed) : StreamMark
{
    private DelayedWork? _before;
    private (long Count, long End) _place;
    private long _time;

    public void Record(DelayedWork work) => (_before, _place, _time) = (work, work.Place, work.ReachedAt);

    public override double SecondsSince(StreamMark earlier) => isTimed && ((SimulatedMark)earlier).IsTimed
        ? (_time - ((SimulatedMark)earlier)._time) / (double)TimeSpan.TicksPerSecond
        : throw new InvalidOperationException("A mark that orders alone has no time: it was not made with one.");

    private bool IsTimed => isTimed;

    public void HoldUp(DelayedWork work)
    {
        if (_before is { } before && before != work)
        {
            work.AddBehind(before, _place);
        }
    }
}
