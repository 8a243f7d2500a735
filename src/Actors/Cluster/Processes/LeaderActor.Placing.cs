using System.Globalization;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Which plan is placed, why none can be, and whom the processes of a placement wait for.</summary>
internal sealed partial class LeaderActor
{
    private string? _fault;
    private ProcessWaited? _waited;

    /// <summary>Whether the run has been placed before, by this leader or the one before: its first placement is that of its own plan.</summary>
    private bool _hasBegun;

    /// <summary>Whether a smaller plan was asked to end its step, so that a larger one can be placed.</summary>
    private bool _isGrowing;

    /// <summary>How the placement does, for people; empty where there is nothing to say.</summary>
    private string PlacementText => _fault is { } fault ? $", which is impossible: {fault}"
        : _placement is { IsStanding: true, IsAbandoned: false } placement ? WaitText(placement)
        : ", being placed";

    /// <summary>Places the run once enough processes are there, or after the bound on those that are. None that can take it: the run ends.</summary>
    private void Gather(IClusterRun run)
    {
        bool isOverdue = Waited > _options.GatherTimeout;
        IReadOnlyList<ClusterMember> ready = _members.ReadyToTrain;
        bool isGathered = ready.Count > 0 && (ready.Count >= _wanted || isOverdue || (_epoch > 0 && Waited > _options.ReplacementTimeout));
        if (isGathered && PlanFor(ready) is { } plan)
        {
            Place(plan, ready);
        }
        else if (isOverdue)
        {
            string fault = ready.Count == 0 ? "no process with role train is there" : _fault!;
            End(new RunFailed($"the run was not placed within {_options.GatherTimeout.TotalSeconds:0} s (actors.cluster.gather-timeout): {fault}", run.Step));
        }
    }

    /// <summary>
    /// The plan that the processes have devices for: the run's own or, once it has begun, the largest smaller one; null: none, which is said. A new
    /// leader waits until all processes have said what devices they have.
    /// </summary>
    private RunPlan? PlanFor(IReadOnlyList<ClusterMember> ready)
    {
        RunPlan own = _options.Plan;
        string? fault = ProcessPlacement.FaultOf(own, ready);
        bool isKnown = _members.IsSettled || Waited > _options.ReplacementTimeout || Waited > _options.GatherTimeout;
        bool mayShrink = _options.IsElastic && _hasBegun && isKnown;
        RunPlan? plan = fault is null ? own : mayShrink ? SmallerPlans.From(own).FirstOrDefault(smaller => Fits(smaller, ready)) : null;
        if (plan is null && fault != _fault)
        {
            Notice($"the run cannot be placed: {fault}");
        }

        _fault = plan is null ? fault : null;
        return plan;
    }

    /// <summary>Has a smaller plan end its step once there are devices for a larger one, unless no step is left.</summary>
    private void Grow()
    {
        if (_isGrowing || !MustHandOver || _placement is not { IsAbandoned: false, Coordinator: { } coordinator, Plan: var plan } || plan == _options.Plan)
        {
            return;
        }

        IReadOnlyList<ClusterMember> ready = _members.ReadyToTrain;
        if (SmallerPlans.From(_options.Plan).TakeWhile(larger => larger != plan).FirstOrDefault(larger => Fits(larger, ready)) is { } found)
        {
            _isGrowing = true;
            Notice($"there are devices for {found.Description}: the step under way is finished and saved first");
            coordinator.Tell(new StopTraining(), Self);
        }
    }

    /// <summary>What a plan stands for, for people; empty where it is the run's own.</summary>
    private string SmallerText(RunPlan plan) => plan == _options.Plan ? ""
        : $" instead of {_options.Plan.Description}, and so slower, until there are devices for it (actors.training.elastic)";

    private static bool Fits(RunPlan plan, IReadOnlyList<ClusterMember> ready) => ProcessPlacement.FaultOf(plan, ready) is null;

    /// <summary>Names a process that the others wait for, when it is another than before.</summary>
    private void Take(ProcessWaited waited)
    {
        bool isNews = waited.Process != _waited?.Process;
        _waited = waited;
        if (isNews)
        {
            Notice(waited.Process is null ? $"no process is waited for any more: {WaitShares(waited)}" : WaitText(_placement!)[2..]);
        }
    }

    private string WaitText(ProcessPlacement placement) => _waited is { Process: { } slow } waited
        ? $", {placement.NameOf(slow)} is slow: {WaitShares(waited)} (last {ProcessWaits.Steps} steps)"
        : "";

    private static string WaitShares(ProcessWaited waited) => string.Create(
        CultureInfo.InvariantCulture, $"the ranks of the other processes wait {waited.Others:P0} of their time, its own {waited.Own:P0}");
}
