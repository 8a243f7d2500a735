using System.Collections.Immutable;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Checkpoints;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>One placement of a run's nodes on processes, from the order to prepare until nothing of it is left.</summary>
internal sealed class ProcessPlacement
{
    /// <summary>How long an accused process may be silent before it is taken for dead.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly SharePrepared?[] _prepared;
    private readonly HashSet<int> _holding = [];
    private readonly HashSet<int> _accused = [];
    private readonly HashSet<int> _heard = [];
    private long _abandonedAt;

    private ProcessPlacement(int epoch, RunPlan plan, ImmutableArray<ClusterMember> members, ImmutableArray<ProcessShare> shares)
    {
        (Epoch, Plan, Members, Shares) = (epoch, plan, members, shares);
        _prepared = new SharePrepared?[members.Length];
    }

    /// <summary>Its number.</summary>
    public int Epoch { get; }

    /// <summary>The plan whose nodes are placed.</summary>
    public RunPlan Plan { get; }

    /// <summary>The processes, by number.</summary>
    public ImmutableArray<ClusterMember> Members { get; }

    /// <summary>What each takes.</summary>
    public ImmutableArray<ProcessShare> Shares { get; }

    /// <summary>Steps behind the values that it begins with.</summary>
    public int CompletedSteps { get; init; }

    /// <summary>Leads its steps; null until all shares stand.</summary>
    public IActorRef? Coordinator { get; set; }

    /// <summary>Whether it has been given up.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Whether all shares stand.</summary>
    public bool IsStanding => Array.TrueForAll(_prepared, static share => share is not null);

    /// <summary>Whether no process holds anything of it any more.</summary>
    public bool IsDropped => _holding.Count == 0;

    /// <summary>The node actors, by node of the plan.</summary>
    public ImmutableArray<IActorRef> Nodes
    {
        get
        {
            var nodes = new IActorRef[Shares.Sum(share => share.Nodes.Length)];
            foreach (SharePrepared prepared in _prepared.OfType<SharePrepared>())
            {
                for (int i = 0; i < prepared.Nodes.Length; i++)
                {
                    nodes[Shares[prepared.Process].Nodes[i]] = prepared.Nodes[i];
                }
            }

            return [.. nodes];
        }
    }

    /// <summary>The processes as a coordinator must know them.</summary>
    public ImmutableArray<RunProcess> Processes =>
        [.. _prepared.OfType<SharePrepared>().OrderBy(prepared => prepared.Process).Select(prepared => new RunProcess(Shares[prepared.Process].Nodes, prepared.Saver))];

    /// <summary>What is missing for a placement; null: nothing is.</summary>
    public static string? FaultOf(RunPlan plan, IReadOnlyList<ClusterMember> ready)
    {
        int nodes = ready.Sum(member => Math.Min(plan.Nodes, CapacityOf(plan, member)));
        return nodes >= plan.Nodes ? null
            : $"{plan.Description} takes {plan.Nodes} nodes of {plan.RanksPerNode} ranks, and the processes have devices for {nodes}: "
                + $"{string.Join(", ", ready.Select(member => $"{member.Description.Name} {member.Description.Devices}"))}; "
                + "start more processes with role train (--role), or with more --devices";
    }

    /// <summary>Nodes of the plan that a process can take.</summary>
    private static int CapacityOf(RunPlan plan, ClusterMember member) =>
        member.Description.Devices == 0 ? plan.Nodes : member.Description.Devices / plan.RanksPerNode;

    /// <summary>How many nodes each process takes: of the first that can take one as even as devices allow, what does not divide goes to the last of them.</summary>
    private static int[] CountsOf(RunPlan plan, IReadOnlyList<ClusterMember> ready)
    {
        var counts = new int[ready.Count];
        HashSet<ClusterMember> taken = [.. ready.Where(member => CapacityOf(plan, member) > 0).Take(plan.Nodes)];
        for (int node = 0; node < plan.Nodes; node++)
        {
            int least = -1;
            for (int process = ready.Count - 1; process >= 0; process--)
            {
                if (taken.Contains(ready[process]) && counts[process] < CapacityOf(plan, ready[process]) && (least < 0 || counts[process] < counts[least]))
                {
                    least = process;
                }
            }

            counts[least]++;
        }

        return counts;
    }

    /// <summary>
    /// Shares the plan's nodes out as evenly as devices allow, neighbours together; processes beyond the number of nodes get none.
    /// <see cref="FaultOf"/> must have found nothing.
    /// </summary>
    public static ProcessPlacement Of(int epoch, RunPlan plan, IReadOnlyList<ClusterMember> ready, int completedSteps = 0)
    {
        int[] counts = CountsOf(plan, ready);
        ImmutableArray<ClusterMember> members = [.. ready.Where((_, process) => counts[process] > 0)];
        int first = 0;
        return new ProcessPlacement(epoch, plan, members, [.. members.Zip(counts.Where(count => count > 0), (member, count) =>
        {
            ProcessDescription of = member.Description;
            int[] nodes = [.. Enumerable.Range(first, count)];
            first += count;
            return new ProcessShare(of.Name, of.Host, of.LinkAddress, of.LinkPort, [.. nodes]);
        })])
        {
            CompletedSteps = completedSteps,
        };
    }

    /// <summary>The plan's nodes that a process has.</summary>
    public ImmutableArray<int> NodesOf(ClusterMember member) => Members.IndexOf(member) is >= 0 and var number ? Shares[number].Nodes : [];

    /// <summary>Name of a process of it.</summary>
    public string NameOf(int process) => (uint)process < (uint)Members.Length ? Members[process].Description.Name : $"process {process}";

    /// <summary>Orders all processes to take their shares.</summary>
    public void Prepare(string? checkpoint, TrainRun order, IActorRef leader)
    {
        for (int process = 0; process < Members.Length; process++)
        {
            _holding.Add(process);
            Members[process].Process.Tell(new PrepareShare(Epoch, process, Shares, checkpoint, order, Plan.Sizes), leader);
        }
    }

    /// <summary>Takes a process's answer; true when it was the last.</summary>
    public bool Prepared(SharePrepared prepared)
    {
        if (prepared.Epoch != Epoch || IsAbandoned || IsStanding)
        {
            return false;
        }

        _prepared[prepared.Process] = prepared;
        return IsStanding;
    }

    /// <summary>The processes that hold a share, by number.</summary>
    public IEnumerable<(int Process, IActorRef Actor)> Holding => _holding.Order().Select(process => (process, Members[process].Process));

    /// <summary>It has lost a process: no step runs in it any more, and what the others have is kept until <see cref="Abandon"/>.</summary>
    public void Hold(long now) => (IsAbandoned, _abandonedAt) = (true, now);

    /// <summary>Gives it up: all processes are told to drop their shares.</summary>
    public void Abandon(long now, IActorRef leader)
    {
        (IsAbandoned, _abandonedAt) = (true, now);
        _heard.Clear();
        foreach (int process in _holding)
        {
            Members[process].Process.Tell(new DropShare(Epoch), leader);
        }
    }

    /// <summary>A process lives, whatever its peers say.</summary>
    public void Heard(IActorRef process)
    {
        _accused.RemoveWhere(number => Members[number].Process.Equals(process));
        _heard.UnionWith(Enumerable.Range(0, Members.Length).Where(number => Members[number].Process.Equals(process)));
    }

    /// <summary>A process has dropped its share.</summary>
    public void Dropped(IActorRef process)
    {
        Heard(process);
        _holding.RemoveWhere(number => Members[number].Process.Equals(process));
    }

    /// <summary>A process has gone.</summary>
    /// <returns>Whether it had a share.</returns>
    public bool Lose(ClusterMember lost)
    {
        int number = Members.IndexOf(lost);
        return number >= 0 && _holding.Remove(number);
    }

    /// <summary>A peer says that its link to a process has ended. One that has answered since the placement was given up has not ended with it.</summary>
    public void Accuse(int process)
    {
        if (!_heard.Contains(process))
        {
            _accused.Add(process);
        }
    }

    /// <summary>
    /// Accused processes that have not answered for too long, and after the bound whatever still holds a share. A leader that most processes of
    /// the cluster do not answer accuses nobody: it may itself be the one that is cut off, and would leave a cluster of its own beside the others'.
    /// </summary>
    /// <param name="time">Measures.</param>
    /// <param name="processes">Processes of the cluster.</param>
    /// <param name="bound">Most time that a process may take to drop its share; null: it is not to drop it yet.</param>
    public IReadOnlyList<ClusterMember> Silent(TimeProvider time, int processes, TimeSpan? bound)
    {
        TimeSpan waited = time.GetElapsedTime(_abandonedAt);
        bool mayBeCutOff = processes > 2 && _heard.Count * 2 <= processes;
        return waited < Patience
            ? []
            : [.. _holding.Where(process => waited > bound || (!mayBeCutOff && _accused.Contains(process))).Select(process => Members[process])];
    }
}
