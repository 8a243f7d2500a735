using System.Globalization;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Copies;
using Akka.Actor;

namespace Actors.Simulation.Faults;

/// <summary>
/// Looks on a history from outside, at each message as it is taken, and holds it to the rules of a cluster. What it knows of the code are
/// messages and paths.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="reference">The undisturbed run; null: this is it.</param>
internal sealed class HistoryChecks(SimulatedCluster cluster, Reference? reference)
{
    /// <summary>Elements in the path of what stands for an actor elsewhere; real actors are below their process.</summary>
    private const int StandInDepth = 2;

    private const string Coordinator = "coordinator-", Share = "epoch-";
    private readonly Dictionary<int, string> _leaders = [];
    private readonly Dictionary<int, int> _updated = [];
    private readonly Dictionary<int, (double Loss, double Norm)> _losses = [];
    private readonly List<(SimulatedProcess Process, int Epoch, TrainingHost Host)> _hosts = [];
    private long _lastStepAt;
    private int _lastEpoch;

    /// <summary>What a rule was broken by; null: none was.</summary>
    public string? Broken { get; private set; }

    /// <summary>Loss and gradient norm of each step.</summary>
    public IReadOnlyDictionary<int, (double Loss, double Norm)> Losses => _losses;

    /// <summary>Steps that ended, those again counted each time.</summary>
    public int StepsEnded { get; private set; }

    /// <summary>Placements that were ordered.</summary>
    public int Placements { get; private set; }

    /// <summary>Longest time from the last step of a placement to the first of the next.</summary>
    public TimeSpan LongestRecovery { get; private set; }

    /// <summary>A rule is broken.</summary>
    public void Break(string rule) => Broken ??= rule;

    /// <summary>A share was loaded.</summary>
    public void Loaded(SimulatedProcess process, int epoch, TrainingHost host) => _hosts.Add((process, epoch, host));

    /// <summary>A checkpoint got its name: it must be whole and have the bits of the undisturbed run.</summary>
    public void Committed(SavedState state)
    {
        if (reference is not null && state.DifferenceFrom(reference.States[state.Step]) is { } difference)
        {
            Break($"the checkpoint of step {state.Step} is not that of the undisturbed run: {difference}");
        }
    }

    /// <summary>An actor takes a message.</summary>
    public void Watch(ActorPath actor, Envelope envelope)
    {
        if (actor.Elements.Count <= StandInDepth)
        {
            if (envelope.Message is Watching watching && actor.Name == SimulatedCluster.CallerName && !cluster.Caller.HasEnded)
            {
                cluster.Caller.Known = watching.Processes;
            }
            return;
        }

        Note(actor, envelope.Message);
        switch (envelope.Message)
        {
            case PrepareShare prepare when actor.Name == ProcessNames.Process:
                if (prepare.Epoch > Placements)
                {
                    Placements = prepare.Epoch;
                    cluster.Reached?.Invoke(FaultAnchor.Placement);
                }

                break;
            case LeaveNow when actor.Name == ProcessNames.Process:
                cluster.Network.ProcessAt(actor)!.MayLeave = true;
                break;
            case PlaceRanks or RunStep or ReduceGradients or ApplyUpdate when actor.Elements[2] != ProcessNames.Serving:
                Ordered(actor, envelope);
                break;
            case UpdateApplied when actor.Name.StartsWith(Coordinator, StringComparison.Ordinal):
                Updated(EpochIn(actor.Name, Coordinator));
                break;
            case StepCompleted step when actor.Name.StartsWith(ProcessNames.Leader, StringComparison.Ordinal):
                Ended(step, EpochIn(envelope.Sender.Path.Name, Coordinator));
                break;
            case RankFailed failed when actor.Name.StartsWith(Coordinator, StringComparison.Ordinal):
                Break($"rank {failed.Rank} failed: {failed.Detail}");
                break;
        }
    }

    /// <summary>Nothing is left of placements that were given up.</summary>
    public void Idle(ProcessIntroduced introduced)
    {
        if (introduced.Process.Held is { } held)
        {
            Break($"{introduced.Process.Name} still holds a share of epoch {held.Epoch} long after the run's end");
        }
    }

    /// <summary>Who is let go has no share that the run needs; what is left over of a leader before ends with the process.</summary>
    public void LetGo(ProcessIntroduced introduced)
    {
        if (introduced.Process.Held is { } held && held.Epoch >= Placements)
        {
            Break($"{introduced.Process.Name} was let go and has a share of epoch {held.Epoch}, the present one");
        }
    }

    /// <summary>Writes down what a reader of the history wants to know.</summary>
    private void Note(ActorPath actor, object message)
    {
        string? line = message switch
        {
            PrepareShare prepare => $"takes share {prepare.Process} of epoch {prepare.Epoch} from {prepare.Checkpoint ?? "the start"}",
            SharePrepared prepared => $"hears that share {prepared.Process} of epoch {prepared.Epoch} stands",
            ShareRefused refused => $"hears that share {refused.Process} of epoch {refused.Epoch} is refused: {refused.Reason}",
            PeerLost lost => $"hears that process {lost.Process} of epoch {lost.Epoch} has lost {lost.Peer}: {lost.Reason}",
            DropShare drop => $"drops its share of epoch {drop.Epoch}",
            ShareDropped dropped => $"hears that a share of epoch {dropped.Epoch} is dropped",
            HoldShare hold => $"holds its share of epoch {hold.Epoch} still",
            ShareHeld held => $"hears that share {held.Process} of epoch {held.Epoch} is held {held.Refusal ?? $"at step {held.Oldest} to {held.Newest?.Step.Step}"}",
            LeaveCluster leave when actor.Name == ProcessNames.Leader => $"hears that {leave.Process} wants to leave",
            LeaveNow => "may leave",
            MemberChange change => $"hears that {change.Address.Host} {change.Gone ?? "is up"}",
            _ => null,
        };
        if (line is not null)
        {
            cluster.Note($"{actor.Elements[1]} {actor.Name} {line}");
        }
    }

    private static int EpochIn(string name, string prefix) =>
        int.Parse(name.AsSpan(prefix.Length, name.AsSpan(prefix.Length).IndexOf('-') is >= 0 and var end ? end : name.Length - prefix.Length), CultureInfo.InvariantCulture);

    /// <summary>Ranks take orders of the coordinator of their own epoch, and there is one in each.</summary>
    private void Ordered(ActorPath actor, Envelope envelope)
    {
        ActorPath coordinator = cluster.Network.Behind(envelope.Sender);
        string share = actor.Elements[3];
        if (!coordinator.Name.StartsWith(Coordinator, StringComparison.Ordinal) || !share.StartsWith(Share, StringComparison.Ordinal))
        {
            Break($"{actor} takes {envelope.Message.GetType().Name} of {coordinator}");
            return;
        }

        int epoch = EpochIn(coordinator.Name, Coordinator), own = EpochIn(share, Share);
        if (epoch != own)
        {
            Break($"{actor} takes {envelope.Message.GetType().Name} of epoch {epoch}");
        }

        if (!_leaders.TryAdd(epoch, coordinator.Elements[1]) && _leaders[epoch] != coordinator.Elements[1])
        {
            Break($"two coordinators act in epoch {epoch}: in {_leaders[epoch]} and in {coordinator.Elements[1]}");
        }
    }

    private void Ended(StepCompleted step, int epoch)
    {
        StepsEnded++;
        if (epoch > _lastEpoch && _lastEpoch > 0)
        {
            LongestRecovery = TimeSpan.FromTicks(Math.Max(LongestRecovery.Ticks, cluster.Loop.Now - _lastStepAt));
        }

        (_lastStepAt, _lastEpoch) = (cluster.Loop.Now, Math.Max(epoch, _lastEpoch));
        (double Loss, double Norm) got = (step.Loss, step.GradientNorm);
        if (!_losses.TryAdd(step.Step, got) && _losses[step.Step] != got)
        {
            Break($"step {step.Step} was trained twice and gave {_losses[step.Step]} and {got}");
        }

        if (reference is not null && reference.Losses[step.Step] != got)
        {
            Break($"step {step.Step} has loss and norm {got}, in the undisturbed run {reference.Losses[step.Step]}");
        }

        cluster.Reached?.Invoke(FaultAnchor.Step);
    }

    /// <summary>A rank has ended a step; the coordinator, who takes this, begins the next when all have.</summary>
    private void Updated(int epoch)
    {
        int updated = _updated[epoch] = _updated.GetValueOrDefault(epoch) + 1;
        if (updated % SimulatedModel.Plan.Ranks == 0)
        {
            Conserved(updated / SimulatedModel.Plan.Ranks, epoch);
        }
    }

    /// <summary>At a step's end no rows are under way, nobody waits for any, and each slot that was taken has been given back.</summary>
    private void Conserved(int step, int epoch)
    {
        foreach ((SimulatedProcess process, _, TrainingHost host) in _hosts.Where(of => of.Epoch == epoch && !of.Process.HasEnded))
        {
            long waiting = Enumerable.Range(0, host.Plan.Ranks).Sum(rank => Enumerable.Range(0, host.Plan.Fabric.Channels).Sum(channel => host.Traffic(rank, channel).WaitingExchanges));
            if (waiting != 0)
            {
                Break($"step {step} of epoch {epoch} has ended and {waiting} exchanges of {process.Name} still wait");
            }
        }

        foreach (LinkEnd end in cluster.Links.Standing.Where(end => end.Epoch == epoch && !end.Serves))
        {
            if (end.CarriesPayload)
            {
                Break($"step {step} of epoch {epoch} has ended and a frame with rows is under way from {end.Home.Name} to {end.Other.Home.Name}");
            }

            if (end.Counts.Chunks != end.Other.Counts.Slots)
            {
                Break($"step {step} of epoch {epoch} has ended, {end.Home.Name} has sent {end.Counts.Chunks} chunks to {end.Other.Home.Name} and {end.Other.Counts.Slots} slots were given back");
            }
        }
    }
}
