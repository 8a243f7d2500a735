using System.Collections.Immutable;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Copies;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Brings the state of a placement that has lost a process to one step, from what the others have in memory, so that it can be saved. An update
/// that any rank has made was the coordinator's, who had heard of all sums and their copies: the others can make it too. One that nobody
/// who is left has made is dropped with its step.
/// </summary>
/// <param name="epoch">The placement.</param>
/// <param name="plan">The plan that was placed.</param>
/// <param name="shares">What each process had, by number.</param>
internal sealed class StateRescue(int epoch, RunPlan plan, ImmutableArray<ProcessShare> shares)
{
    private readonly SortedDictionary<int, IActorRef> _living = [];
    private readonly SortedDictionary<int, ShareHeld> _held = [];
    private int _writers;

    /// <summary>The placement.</summary>
    public int Epoch => epoch;

    /// <summary>The plan that was placed, whose ranks hold the state.</summary>
    public RunPlan Plan => plan;

    /// <summary>Led the placement and may still save; null: it has ended.</summary>
    public IActorRef? Coordinator { get; set; }

    /// <summary>Saves the state; null before.</summary>
    public IActorRef? Saving { get; private set; }

    /// <summary>Whether training is to end when the state is saved.</summary>
    public bool IsLast { get; set; }

    /// <summary>The last update that any rank has made; null: none since the values were loaded.</summary>
    public ApplyUpdate? Newest => _held.Values.Select(held => held.Newest).MaxBy(update => update?.Step.Step ?? 0);

    /// <summary>The latest steps that any rank knows of, in order.</summary>
    public ImmutableArray<StepCompleted> Latest => _held.Values.MaxBy(held => held.Newest?.Step.Step ?? 0)?.Latest ?? [];

    /// <summary>Whether all processes that are left hold still, and nothing else is being saved.</summary>
    public bool IsHeld => _held.Count == _living.Count && Coordinator is null;

    /// <summary>Whether one that writes has been lost since the state is being saved: those that are left still hold it.</summary>
    public bool HasLostWriter => Saving is not null && _held.Count < _writers;

    /// <summary>Why the state cannot be saved; null: nothing is known that speaks against it.</summary>
    public string? Obstacle
    {
        get
        {
            if (_held.Values.FirstOrDefault(held => held.Refusal is not null) is { } refused)
            {
                return $"{shares[refused.Process].Name} cannot hold its state: {refused.Refusal}";
            }

            foreach (int lost in Lost)
            {
                int keeper = CopyPlacement.KeeperOf(lost, shares.Length);
                if (!_living.ContainsKey(keeper))
                {
                    return lost == keeper
                        ? $"nobody kept a copy of what {shares[lost].Name} had"
                        : $"{shares[lost].Name} is lost, and so is {shares[keeper].Name}, which kept its copy";
                }
            }

            return null;
        }
    }

    /// <summary>Who writes what of the state: each process its own part, and that of a lost one whose copy it keeps.</summary>
    public ImmutableArray<RunProcess> Writers => [.. _held.Values.Select(held => new RunProcess(
        [.. shares[held.Process].Nodes
            .Concat(Lost.Where(lost => CopyPlacement.KeeperOf(lost, shares.Length) == held.Process).SelectMany(lost => shares[lost].Nodes)).Order()],
        held.Saver))];

    private IEnumerable<int> Lost => Enumerable.Range(0, shares.Length).Where(process => !_living.ContainsKey(process));

    /// <summary>Asks a process to hold still.</summary>
    public void Ask(int process, IActorRef actor, IActorRef leader)
    {
        if (_living.TryAdd(process, actor))
        {
            actor.Tell(new HoldShare(epoch, process), leader);
        }
    }

    /// <summary>Says who saves the state from now on; null: nobody does, after all.</summary>
    public void Save(IActorRef? saving) => (Saving, _writers) = (saving, _held.Count);

    /// <summary>A process has gone.</summary>
    public void Lose(IActorRef actor)
    {
        foreach (int process in _living.Where(entry => entry.Value.Equals(actor)).Select(entry => entry.Key).ToArray())
        {
            _living.Remove(process);
            _held.Remove(process);
        }
    }

    /// <summary>A process holds still, or cannot.</summary>
    public void Take(ShareHeld held)
    {
        if (held.Epoch == epoch && Saving is null && _living.ContainsKey(held.Process))
        {
            _held[held.Process] = held;
        }
    }

    /// <summary>Has those that are a step behind make the update that others have made.</summary>
    /// <returns>Whether there are any; they answer again.</returns>
    public bool FinishBehind(IActorRef leader)
    {
        if (Newest is not { } newest)
        {
            return false;
        }

        ShareHeld[] behind = [.. _held.Values.Where(held => held.Oldest < newest.Step.Step)];
        foreach (ShareHeld held in behind)
        {
            _held.Remove(held.Process);
            held.Saver.Tell(new FinishUpdate(newest), leader);
        }

        return behind.Length > 0;
    }
}
