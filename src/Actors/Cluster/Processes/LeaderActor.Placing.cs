using System.Globalization;
using Actors.Runtime.Training;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Why a run cannot be placed, and whom the processes of a placement wait for.</summary>
internal sealed partial class LeaderActor
{
    private string? _fault;
    private ProcessWaited? _waited;

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
        if (isGathered && CanPlace(ready))
        {
            Place(ready);
        }
        else if (isOverdue)
        {
            string fault = ready.Count == 0 ? "no process with role train is there" : _fault!;
            End(new RunFailed($"the run was not placed within {_options.GatherTimeout.TotalSeconds:0} s (actors.cluster.gather-timeout): {fault}", run.Step));
        }
    }

    private bool CanPlace(IReadOnlyList<ClusterMember> ready)
    {
        string? fault = ProcessPlacement.FaultOf(_options.Plan, ready);
        if (fault is not null && fault != _fault)
        {
            Notice($"the run cannot be placed: {fault}");
        }

        _fault = fault;
        return fault is null;
    }

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
