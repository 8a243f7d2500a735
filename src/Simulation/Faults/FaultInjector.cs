using System.Collections.Immutable;
using Actors.Simulation.Turns;

namespace Actors.Simulation.Faults;

/// <summary>Lets the faults of a plan happen. One that the cluster could not survive, since no majority would be left, meets nobody.</summary>
internal sealed class FaultInjector
{
    /// <summary>How much longer things take where links are slow, as a power of two.</summary>
    private const int Slowness = 5;

    /// <summary>Processes that replace others.</summary>
    private const int MostReplacements = 8;

    private readonly SimulatedCluster _cluster;
    private readonly IReadOnlyList<Fault> _plan;
    private readonly Dictionary<FaultAnchor, int> _reached = [];
    private readonly List<FaultKind> _injected = [];
    private long? _replacement;
    private int _replacements;

    public FaultInjector(SimulatedCluster cluster, IReadOnlyList<Fault> plan) => (_cluster, _plan) = (cluster, plan);

    /// <summary>What happened.</summary>
    public ImmutableArray<FaultKind> Injected => [.. _injected];

    /// <summary>Until when faults last that have begun.</summary>
    public long LastUntil { get; private set; }

    private SimulationLoop Loop => _cluster.Loop;

    /// <summary>Something happened that faults may wait for.</summary>
    public void Reached(FaultAnchor anchor)
    {
        int number = _reached[anchor] = _reached.GetValueOrDefault(anchor) + 1;
        for (int i = 0; i < _plan.Count; i++)
        {
            if (_plan[i].Anchor == anchor && _plan[i].Number == number)
            {
                Schedule(i);
            }
        }
    }

    /// <summary>A process has ended: now and then another comes in its place.</summary>
    public void Ended()
    {
        if (_replacement is { } after && _replacements++ < MostReplacements)
        {
            At(after, () => _cluster.Start());
        }
    }

    private void Schedule(int index) => At(_plan[index].Delay, () =>
    {
        Inject(_plan[index]);
        if (index + 1 < _plan.Count && _plan[index + 1].Anchor == FaultAnchor.Fault)
        {
            Schedule(index + 1);
        }
    });

    private void Inject(Fault fault)
    {
        if (_cluster.Leading is not { } leader || !TryInject(fault, leader))
        {
            return;
        }

        _injected.Add(fault.Kind);
        _cluster.Note($"fault: {fault.Kind}");
        LastUntil = Math.Max(LastUntil, Loop.Now + fault.Duration);
    }

    private bool TryInject(Fault fault, SimulatedProcess leader)
    {
        SimulatedProcess[] workers = [.. _cluster.Healthy.Where(process => process != leader)];
        SimulatedProcess? worker = workers.Length == 0 ? null : workers[fault.Victim % workers.Length];
        SimulatedProcess? victim = fault.Kind is FaultKind.LeaderCrash or FaultKind.LeaderPartition or FaultKind.LeaderPause or FaultKind.LeaderLeave ? leader : worker;
        _replacement = fault.Replacement;
        switch (fault.Kind)
        {
            case FaultKind.WorkerCrash or FaultKind.LeaderCrash when Survives(victim):
                _cluster.End(victim!, "it crashed");
                return true;
            case FaultKind.Partition or FaultKind.LeaderPartition when Survives(victim):
                Part(victim!, fault.Duration);
                return true;
            case FaultKind.Pause or FaultKind.LeaderPause when Survives(victim):
                victim!.Turns.Hold();
                At(fault.Duration, victim.Turns.Release);
                return true;
            case FaultKind.WorkerLeave or FaultKind.LeaderLeave when Survives(victim) || AllStayBut(victim):
                _cluster.Leave(victim!);
                return true;
            case FaultKind.LinkCut:
                return Cut(fault);
            case FaultKind.DiskFull:
                _cluster.Disk.IsFull = true;
                At(fault.Duration, () => _cluster.Disk.IsFull = false);
                return true;
            case FaultKind.SlowLinks:
                _cluster.Network.Slowness = Slowness;
                At(fault.Duration, () => _cluster.Network.Slowness = 0);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether those that are left without a process are more than half of the members.</summary>
    private bool Survives(SimulatedProcess? victim) =>
        victim is not null && _cluster.Healthy.Contains(victim) && (_cluster.Healthy.Count - 1) * 2 > _cluster.MembersOf(victim);

    /// <summary>Whether a process can go without a loss: all others are there, and there are others.</summary>
    private bool AllStayBut(SimulatedProcess? victim) =>
        victim is not null && _cluster.Healthy.Contains(victim) && _cluster.Healthy.Count > 1 && _cluster.Healthy.Count == _cluster.MembersOf(victim);

    private void Part(SimulatedProcess victim, long duration)
    {
        victim.Side = 1;
        At(duration, () =>
        {
            victim.Side = 0;
            _cluster.Network.Resume();
            _cluster.Links.Resume();
        });
    }

    private bool Cut(Fault fault)
    {
        LinkEnd[] standing = [.. _cluster.Links.Standing];
        if (standing.Length > 0)
        {
            _cluster.Links.Cut(standing[fault.Victim % standing.Length]);
        }

        return standing.Length > 0;
    }

    private void At(long delay, Action action) => Loop.At(Loop.Now + delay, action, process: null);
}
