using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Simulation.Turns;
using Akka.Actor;

namespace Actors.Simulation.Faults;

/// <summary>
/// Membership by the rules of Akka.Cluster as the project sets it: who is silent for long enough is unreachable; when that has been stable for a
/// while, the side with more processes takes the others out, and the other side ends itself; the oldest process leads. Each process has a
/// view of its own, and learns of changes a moment after others.
/// </summary>
internal sealed class SimulatedMembers
{
    private static readonly long Interval = TimeSpan.FromMilliseconds(500).Ticks;

    /// <summary>The end of a process waits for the others' agreement for so long (the phases of Akka's coordinated shutdown).</summary>
    private static readonly long MostLeaving = TimeSpan.FromSeconds(20).Ticks;

    private readonly SimulationLoop _loop;
    private readonly SimulatedNetwork _network;
    private readonly ClusterSettings _settings;
    private readonly Action<SimulatedProcess> _lead;
    private readonly Action<SimulatedProcess, string> _end;
    private readonly Dictionary<SimulatedProcess, View> _views = [];
    private bool _isFormed;

    /// <summary>Makes an empty cluster.</summary>
    /// <param name="loop">Whose time it takes.</param>
    /// <param name="network">Who reaches whom.</param>
    /// <param name="settings">Its times.</param>
    /// <param name="lead">Makes the leader in a process.</param>
    /// <param name="end">Ends a process that is on the losing side.</param>
    public SimulatedMembers(
        SimulationLoop loop, SimulatedNetwork network, ClusterSettings settings, Action<SimulatedProcess> lead, Action<SimulatedProcess, string> end) =>
        (_loop, _network, _settings, _lead, _end) = (loop, network, settings, lead, end);

    /// <summary>The membership as a process sees it.</summary>
    public IClusterMembership ViewOf(SimulatedProcess process) => _views[process];

    /// <summary>The process that leads, as another sees it; null: it knows none.</summary>
    public SimulatedProcess? OldestFor(SimulatedProcess process) => _views[process].Members is [var oldest, ..] ? oldest : null;

    /// <summary>How many members a process knows of.</summary>
    public int CountFor(SimulatedProcess process) => _views[process].Members.Count;

    /// <summary>Whether a process is up.</summary>
    public bool IsUp(SimulatedProcess process) => _views[process].Members.Count > 0;

    /// <summary>A process begins to join; the first forms the cluster.</summary>
    public void Start(SimulatedProcess process)
    {
        _views.Add(process, new View(this, process));
        _loop.At(_loop.Now + _network.DrawDelay(), () => Join(process), process.Turns);
    }

    /// <summary>A process leaves in good order: when all members reach each other they take it out, and it ends. After a while it ends all the same.</summary>
    public void Leave(SimulatedProcess process) => Leave(process, _loop.Now + MostLeaving);

    private void Leave(SimulatedProcess process, long until)
    {
        bool isAgreed = _views[process].Members.All(one => _views[process].Members.All(other => one == other || _network.Answers(one, other)));
        if (!isAgreed && _loop.Now <= until)
        {
            _loop.At(_loop.Now + Interval, () => Leave(process, until), process.Turns);
            return;
        }

        if (isAgreed)
        {
            _views[process].TakeOut([process]);
        }

        _loop.At(_loop.Now, () => _end(process, isAgreed ? "it has left" : "it has left without the others"), process: null);
    }

    private void Join(SimulatedProcess process)
    {
        if (!_isFormed)
        {
            _isFormed = true;
            Welcome(process, [process]);
            return;
        }

        // A member that all others answer takes newcomers in.
        View? contact = _views.Values.FirstOrDefault(view => view.Members.Count > 0 && _network.Answers(process, view.Home)
            && view.Members.All(member => member == view.Home || _network.Answers(view.Home, member)));
        if (contact is null)
        {
            _loop.At(_loop.Now + Interval, () => Join(process), process.Turns);
            return;
        }

        Welcome(process, [.. contact.Members, process]);
        foreach (SimulatedProcess member in contact.Members.ToArray())
        {
            _loop.At(_loop.Now + _network.DrawDelay(), () => _views[member].Add(process), member.Turns);
        }
    }

    private void Welcome(SimulatedProcess process, IReadOnlyList<SimulatedProcess> members)
    {
        foreach (SimulatedProcess member in members)
        {
            _views[process].Add(member);
        }

        _loop.At(_loop.Now + (uint)_loop.Draw((int)Interval), () => _views[process].Look(), process.Turns);
    }

    private sealed class View(SimulatedMembers cluster, SimulatedProcess home) : IClusterMembership
    {
        private readonly Dictionary<SimulatedProcess, long> _silentSince = [];
        private readonly List<IActorRef> _subscribers = [];
        private readonly HashSet<SimulatedProcess> _gone = [];
        private SimulatedProcess[] _unreachable = [];
        private long _unreachableSince;
        private bool _isLeading;

        public SimulatedProcess Home { get; } = home;

        /// <summary>Those that are up, the oldest first.</summary>
        public List<SimulatedProcess> Members { get; } = [];

        public Address Self => Home.Address;

        public void Subscribe(IActorRef leader)
        {
            _subscribers.Add(leader);
            foreach (SimulatedProcess member in Members)
            {
                leader.Tell(new MemberChange(member.Address, null, ClusterSettings.AllRoles), ActorRefs.NoSender);
            }
        }

        public void Unsubscribe(IActorRef leader) => _subscribers.Remove(leader);

        public MemberChange? ChangeIn(object message) => message as MemberChange;

        public void Down(Address address)
        {
            SimulatedProcess downed = cluster._network.At(address);
            TakeOut([downed]);

            // The downed process hears of it, where it hears anything, and ends.
            cluster._loop.At(cluster._loop.Now + cluster._network.DrawDelay(), () => EndIfReached(downed), process: null);
        }

        public ICanTell ActorAt(Address address, string name, IUntypedActorContext context)
        {
            SimulatedProcess process = cluster._network.At(address);
            return cluster._network.Seen(Home, name == ProcessNames.Serving ? process.Serving : process.Actor);
        }

        public Address AddressOf(IActorRef actor) => cluster._network.HomeOf(actor)!.Address;

        public void Add(SimulatedProcess member)
        {
            if (Members.Contains(member) || _gone.Contains(member))
            {
                return;
            }

            Members.Add(member);
            Members.Sort((one, other) => one.Number.CompareTo(other.Number));
            foreach (IActorRef leader in _subscribers)
            {
                leader.Tell(new MemberChange(member.Address, null, ClusterSettings.AllRoles), ActorRefs.NoSender);
            }
        }

        /// <summary>The regular look at the others: heartbeats, the decision of a partition, and who leads.</summary>
        public void Look()
        {
            SimulationLoop loop = cluster._loop;
            foreach (SimulatedProcess member in Members)
            {
                if (member == Home || cluster._network.Answers(Home, member))
                {
                    _silentSince.Remove(member);
                }
                else
                {
                    _silentSince.TryAdd(member, loop.Now);
                }
            }

            if (IsTakenOut())
            {
                EndSelf("the others have taken it out of the cluster");
                return;
            }

            Gossip();
            SimulatedProcess[] unreachable = [.. Members.Where(member => _silentSince.TryGetValue(member, out long since) && loop.Now - since > cluster._settings.SilenceTimeout.Ticks)];
            if (!unreachable.SequenceEqual(_unreachable))
            {
                (_unreachable, _unreachableSince) = (unreachable, loop.Now);
            }

            if (_unreachable.Length > 0 && loop.Now - _unreachableSince > cluster._settings.StableAfter.Ticks)
            {
                Decide();
            }

            if (!_isLeading && Members is [var oldest, ..] && oldest == Home)
            {
                _isLeading = true;
                loop.At(loop.Now + (uint)loop.Draw((int)TimeSpan.FromSeconds(2).Ticks), () => cluster._lead(Home), Home.Turns);
            }

            loop.At(loop.Now + (Interval / 2) + (uint)loop.Draw((int)Interval), Look, Home.Turns);
        }

        /// <summary>Whether one that it still hears has taken it out: gossip brings that to who was.</summary>
        private bool IsTakenOut() => Members.Any(member => cluster._network.Answers(Home, member) && cluster._views[member]._gone.Contains(Home));

        private void EndSelf(string why)
        {
            SimulatedProcess self = Home;
            cluster._loop.At(cluster._loop.Now, () => cluster._end(self, why), process: null);
        }

        /// <summary>Learns of newcomers from those that it reaches.</summary>
        private void Gossip()
        {
            foreach (SimulatedProcess member in Members.Where(member => cluster._network.Answers(Home, member)).ToArray())
            {
                foreach (SimulatedProcess one in cluster._views[member].Members.ToArray())
                {
                    Add(one);
                }
            }
        }

        /// <summary>keep-majority: of two halves, the one with the lowest address.</summary>
        private void Decide()
        {
            int left = Members.Count - _unreachable.Length;
            bool keeps = left * 2 > Members.Count
                || (left * 2 == Members.Count && !_unreachable.Contains(Members.MinBy(member => member.Name, StringComparer.Ordinal)!));
            if (keeps)
            {
                TakeOut(_unreachable);
                _unreachable = [];
            }
            else
            {
                EndSelf("it is on the smaller side of a partition");
            }
        }

        /// <summary>Has those that are reached take processes out of their view too.</summary>
        public void TakeOut(IReadOnlyList<SimulatedProcess> gone)
        {
            foreach (SimulatedProcess member in Members.Where(member => !gone.Contains(member)).ToArray())
            {
                foreach (SimulatedProcess one in gone)
                {
                    cluster._loop.At(cluster._loop.Now + (member == Home ? 0 : cluster._network.DrawDelay()), () => cluster._views[member].Remove(one), member.Turns);
                }
            }
        }

        private void Remove(SimulatedProcess gone)
        {
            if (gone == Home || !Members.Remove(gone))
            {
                return;
            }

            _silentSince.Remove(gone);
            _gone.Add(gone);
            foreach (IActorRef leader in _subscribers)
            {
                leader.Tell(new MemberChange(gone.Address, "it has left the cluster", []), ActorRefs.NoSender);
            }

            // A moment goes by until messages of the one that was taken out are refused.
            SimulationLoop loop = cluster._loop;
            loop.At(
                loop.Now + (2 * Interval) + (cluster._network.DrawDelay() * loop.Draw(256)),
                () =>
                {
                    cluster._network.Close(Home, gone);
                    cluster._network.Forget(Home, gone);
                },
                Home.Turns);
        }

        private void EndIfReached(SimulatedProcess downed)
        {
            if (!downed.HasEnded && !downed.IsPaused && cluster._network.Connects(Home, downed))
            {
                cluster._end(downed, "it was taken out of the cluster");
            }
        }
    }
}
