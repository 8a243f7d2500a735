using System.Collections.Immutable;
using System.Security.Cryptography;
using Actors.Runtime.Configuration;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>The processes of a cluster as its leader sees them: those that are up are asked who they are until they have proved it.</summary>
/// <param name="own">The leader's own process, with which the others must agree.</param>
/// <param name="cluster">Knows the processes.</param>
/// <param name="actor">Name of the actor that stands for a process.</param>
internal sealed class ClusterMembers(ProcessIdentity own, IClusterMembership cluster, string actor = ProcessNames.Process)
{
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>The processes that have proved who they are and are not let go, in the order of their addresses: what they hold counts.</summary>
    public IReadOnlyList<ClusterMember> Proved =>
        [.. _entries.Values.Where(entry => !entry.IsLetGo).Select(entry => entry.Member).OfType<ClusterMember>()];

    /// <summary>Those of them that can be placed on.</summary>
    public IReadOnlyList<ClusterMember> Ready =>
        [.. _entries.Values.Where(entry => !entry.IsLeaving).Select(entry => entry.Member).OfType<ClusterMember>()];

    /// <summary>Those of them that training is placed on.</summary>
    public IReadOnlyList<ClusterMember> ReadyToTrain => ReadyFor(ClusterSettings.Train);

    /// <summary>Those of them that serving is placed on.</summary>
    public IReadOnlyList<ClusterMember> ReadyToServe => ReadyFor(ClusterSettings.Serve);

    /// <summary>The processes that asked to leave and have not been let go.</summary>
    public IReadOnlyList<Address> Leaving => [.. _entries.Values.Where(entry => entry is { IsLeaving: true, IsLetGo: false }).Select(entry => entry.Address)];

    /// <summary>Whether all have said who they are.</summary>
    public bool IsSettled => _entries.Values.All(static entry => entry.HasAnswered);

    /// <summary>Addresses of all processes.</summary>
    public ImmutableArray<string> Addresses => [.. _entries.Keys];

    /// <summary>Addresses of those that stay.</summary>
    public ImmutableArray<string> Staying => [.. _entries.Values.Where(entry => !entry.IsLeaving).Select(entry => $"{entry.Address}")];

    /// <summary>Every process, for people.</summary>
    public ImmutableArray<ProcessState> Describe(Func<ClusterMember, ImmutableArray<int>> nodesOf) => [.. _entries.Values.Select(entry =>
    {
        ImmutableArray<int> nodes = entry.Member is { } member ? nodesOf(member) : [];
        string state = entry.Refused is { } refused ? $"not placed on: {refused}" : entry.IsLeaving ? "leaving" : entry.Member is null ? "joining" : nodes.IsEmpty ? "idle" : "training";
        return new ProcessState($"{entry.Address}", entry.Name, state, nodes, entry.Device);
    })];

    /// <summary>Processes that are up, proved or not.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether most of them have said who they are.</summary>
    public bool MostHaveAnswered => _entries.Values.Count(static entry => entry.HasAnswered) * 2 > Count;

    /// <summary>Whether a process has said who it is.</summary>
    public bool HasAnswered(Address address) => _entries[$"{address}"].HasAnswered;

    /// <summary>A process is up.</summary>
    public void Add(Address address, IReadOnlyCollection<string> roles) => _entries.TryAdd($"{address}", new Entry(address, roles));

    /// <summary>The process of an address, <c>host:port</c> or as Akka.NET writes it; null: there is none.</summary>
    public Address? Find(string process) =>
        _entries.Values.FirstOrDefault(entry => process == $"{entry.Address}" || process == $"{entry.Address.Host}:{entry.Address.Port}")?.Address;

    /// <summary>The member of an address; null where it has not proved who it is.</summary>
    public ClusterMember? MemberAt(Address address) => _entries.GetValueOrDefault($"{address}")?.Member;

    /// <summary>A process leaves: nothing is placed on it any more.</summary>
    /// <returns>Whether that is new.</returns>
    public bool Leave(Address address)
    {
        Entry entry = _entries[$"{address}"];
        (bool isNew, entry.IsLeaving) = (!entry.IsLeaving, true);
        return isNew;
    }

    /// <summary>A process that leaves is told to go.</summary>
    public void LetGo(Address address, IUntypedActorContext context, IActorRef leader)
    {
        _entries[$"{address}"].IsLetGo = true;
        cluster.ActorAt(address, ProcessNames.Process, context).Tell(new LeaveNow(), leader);
    }

    /// <summary>A process has gone; null: it was not known.</summary>
    public ClusterMember? Remove(Address address) => _entries.Remove($"{address}", out Entry? entry) ? entry.Member : null;

    /// <summary>Asks those that have not said who they are.</summary>
    public void Ask(IUntypedActorContext context, IActorRef leader)
    {
        foreach (Entry entry in _entries.Values.Where(entry => entry.Member is null && entry.Refused is null))
        {
            cluster.ActorAt(entry.Address, actor, context).Tell(new Introduce(entry.Nonce), leader);
        }
    }

    /// <summary>Takes a process's answer.</summary>
    /// <returns>Why it is refused; null: it is not, or was not asked.</returns>
    public string? Introduced(ProcessIntroduced introduced, IActorRef process)
    {
        if (_entries.Values.FirstOrDefault(entry => entry.Address.Equals(cluster.AddressOf(process))) is not { Member: null, Refused: null } entry)
        {
            return null;
        }

        string? refused = !own.Proves(introduced, entry.Nonce) ? "it does not know the cluster's secret"
            : introduced.Process.DeviceKind != own.Process.DeviceKind ? $"it computes on {introduced.Process.DeviceKind}, the leader on {own.Process.DeviceKind}, and results would "
                + "depend on where a rank lies: start all processes with one actors.backend.name and one actors.training.precision"
            : introduced.Process.RunHash != own.Process.RunHash ? "its version, settings or text differ from the leader's: start it with the same profile and --data"
            : null;
        (entry.Refused, entry.Name, entry.Device) = (refused, introduced.Process.Name, introduced.Process.DeviceName);
        entry.Member = refused is null ? new ClusterMember(process, entry.Address, introduced.Process) : null;
        return refused;
    }

    private IReadOnlyList<ClusterMember> ReadyFor(string role) => [.. Ready.Where(member => _entries[$"{member.Address}"].Roles.Contains(role))];

    private sealed class Entry(Address address, IReadOnlyCollection<string> roles)
    {
        /// <summary>What it takes part in, as Akka.Cluster tells everybody.</summary>
        public IReadOnlyCollection<string> Roles { get; } = roles;

        public Address Address { get; } = address;

        /// <summary>One for all questions to the process: an answer may come after the next question.</summary>
        public ImmutableArray<byte> Nonce { get; } = [.. RandomNumberGenerator.GetBytes(32)];

        public ClusterMember? Member { get; set; }

        public string? Refused { get; set; }

        public bool HasAnswered => Member is not null || Refused is not null;

        public bool IsLeaving { get; set; }

        public bool IsLetGo { get; set; }

        public string Name { get; set; } = "";

        public string Device { get; set; } = "";
    }
}

/// <summary>A process that has proved who it is.</summary>
/// <param name="Process">Its actor.</param>
/// <param name="Address">Its address.</param>
/// <param name="Description">Who it is.</param>
internal sealed record ClusterMember(IActorRef Process, Address Address, ProcessDescription Description);
