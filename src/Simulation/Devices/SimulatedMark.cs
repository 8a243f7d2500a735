using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>A place in delayed work: what waits for it is done no sooner than what lies before it.</summary>
/// <param name="device">Whose streams record it: no other's can, as on a GPU.</param>
/// <param name="isTimed">Whether it has a time: a GPU's other marks have none.</param>
internal sealed class SimulatedMark(SimulatedBackend device, bool isTimed) : StreamMark
{
    private Recorded? _last;

    public void Record(SimulatedBackend by, DelayedWork work)
    {
        if (by != device)
        {
            throw new InvalidOperationException("A mark is recorded by streams of the device that made it, and by no other's.");
        }

        var recorded = new Recorded(work);
        _last = recorded;
        work.WhenOpen(recorded.Take);
    }

    public override double SecondsSince(StreamMark earlier) => isTimed && ((SimulatedMark)earlier).IsTimed
        ? (_last!.Time - ((SimulatedMark)earlier)._last!.Time) / (double)TimeSpan.TicksPerSecond
        : throw new InvalidOperationException("A mark that orders alone has no time: it was not made with one.");

    private bool IsTimed => isTimed;

    public void HoldUp(DelayedWork work)
    {
        if (_last is { } recorded && recorded.Work != work)
        {
            work.WaitFor(recorded.IsPlaced);
            work.WhenOpen(() => work.AddBehind(recorded.Work, recorded.Place));
        }
    }

    /// <summary>Where the mark lies, known once the work before it waits for nothing of which the time is not known.</summary>
    private sealed class Recorded(DelayedWork work)
    {
        public DelayedWork Work => work;

        public Gate IsPlaced { get; } = new();

        public (long Count, long End) Place { get; private set; }

        public long Time { get; private set; }

        public void Take()
        {
            (Place, Time) = (work.Place, work.ReachedAt);
            IsPlaced.Open();
        }
    }
}
