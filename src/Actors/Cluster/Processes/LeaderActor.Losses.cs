using System.Collections.Immutable;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Copies;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>What the leader does when a process is lost, or the leader before it: ends the placement, and saves the state where copies make it whole.</summary>
internal sealed partial class LeaderActor
{
    private StateRescue? _rescue;
    private bool _isRescued;

    private void Lose(Address address, string why)
    {
        if (_members.Remove(address) is not { } lost)
        {
            return;
        }

        _rescue?.Lose(lost.Process);
        if (_placement?.Lose(lost) == true)
        {
            Abandon($"{lost.Description.Name} is lost: {why}");
        }
    }

    private void Abandon(string reason)
    {
        if (_placement is null || _placement.IsAbandoned)
        {
            return;
        }

        Notice(reason);
        _since = _options.Time.GetTimestamp();
        _lostAt ??= _since;
        StopCoordinator(_placement);
        if (_options.Plan.Replicas > 0 && _placement.IsStanding)
        {
            BeginRescue(_placement);
        }
        else
        {
            Drop(_placement);
        }

        Advance();
    }

    private static void StopCoordinator(ProcessPlacement placement)
    {
        if (placement.Coordinator is { } coordinator)
        {
            Context.Stop(coordinator);
        }
    }

    private void Drop(ProcessPlacement placement)
    {
        StopCoordinator(placement);
        placement.Abandon(_options.Time.GetTimestamp(), Self);
    }

    /// <summary>Whom a peer has lost, and who says nothing either, has ended: nobody waits until the failure detector is sure. Nor for ever for one that lives.</summary>
    private void DownTheSilent(ProcessPlacement abandoned)
    {
        foreach (ClusterMember silent in abandoned.Silent(_options.Time, _members.Count, _rescue is null ? _options.PlaceTimeout : null))
        {
            Notice($"{silent.Description.Name} is taken for dead");
            _cluster.Down(silent.Address);
            _members.Remove(silent.Address);
            abandoned.Lose(silent);
            _rescue?.Lose(silent.Process);
        }
    }

    /// <summary>Goes on with what a leader before has begun: the newest run that a majority of the processes knows of. What this one has ended is over.</summary>
    private void Adopt()
    {
        _epoch = Math.Max(_epoch, _members.Proved.Select(member => member.Description.Epoch).DefaultIfEmpty().Max());
        HeldRun? held = _members.Proved.Select(member => member.Description.Held).MaxBy(run => run?.Epoch);
        if (_order is not null || _lastEnd.Order is not null || held is null || _members.Proved.Count * 2 <= _members.Count)
        {
            return;
        }

        (_order, _wanted, _isAdopted, _hasBegun) = (held.Order, _members.ReadyToTrain.Count, true, true);
        _since = _options.Time.GetTimestamp();
        Notice($"a new leader goes on with the run of {held.Order.OutputFolder}");
        if (_options.Plan.Replicas > 0)
        {
            _rescue = new StateRescue(held.Epoch, _options.Plan.With(held.Sizes), held.Processes);
        }
    }

    /// <summary>Has the processes that are left hold still.</summary>
    private void BeginRescue(ProcessPlacement placement)
    {
        placement.Hold(_options.Time.GetTimestamp());
        _rescue = new StateRescue(placement.Epoch, placement.Plan, placement.Shares) { Coordinator = placement.Coordinator };
        Context.Watch(placement.Coordinator!);
        foreach ((int process, IActorRef actor) in placement.Holding)
        {
            _rescue.Ask(process, actor, Self);
        }
    }

    /// <summary>The same for the placement of a leader before, as far as its processes have introduced themselves.</summary>
    private void AskAdopted()
    {
        foreach (ClusterMember member in _placement is null && _rescue is not null ? _members.Proved : [])
        {
            if (member.Description.Held is { } held && held.Epoch == _rescue!.Epoch)
            {
                _rescue.Ask(held.Process, member.Process, Self);
            }
        }
    }

    private void Rescued(object message)
    {
        switch (message)
        {
            case ShareHolding:
                _placement?.Heard(Sender);
                break;
            case ShareHeld held:
                _rescue?.Take(held);
                break;
            case CheckpointSaved saved:
                Saved(saved);
                break;
            case CheckpointFailed failed:
                NotSaved(_rescue!, failed.Reason);
                break;
            case Terminated:
                _rescue!.Coordinator = null;
                break;
        }

        Advance();
    }

    /// <summary>Brings the state to one step and has it saved, or gives it up once something speaks against it.</summary>
    private void AdvanceRescue(StateRescue rescue)
    {
        bool areAllKnown = _placement is not null || _members.Proved.Count == _members.Count || Waited > _options.ReplacementTimeout;
        if (_run is null || rescue.Saving is not null || !areAllKnown)
        {
            return;
        }

        if (rescue.Obstacle is { } obstacle)
        {
            EndRescue(obstacle);
        }
        else if (Waited > _options.PlaceTimeout)
        {
            EndRescue($"not all processes held still within {_options.PlaceTimeout.TotalSeconds:0} s");
        }
        else if (rescue.IsHeld && !rescue.FinishBehind(Self))
        {
            Save(rescue, _run);
        }
    }

    private void Save(StateRescue rescue, IClusterRun run)
    {
        if (rescue.Newest is not { } newest || run.Options.Checkpoints is not { } folder)
        {
            EndRescue(obstacle: null);
            return;
        }

        if (newest.Step.Step <= run.Step)
        {
            // A leader before has saved as much, and may have told nobody of it: these steps are not trained again.
            TellRescued();
            EndRescue(obstacle: null);
            return;
        }

        (RunPlan plan, ImmutableArray<RunProcess> writers, TimeProvider time) = (rescue.Plan, rescue.Writers, _options.Time);
        IActorRef saving = Context.ActorOf(Props.Create(() => new CheckpointActor(plan, folder, writers, time)), $"rescue-{rescue.Epoch}-by-{writers.Length}");
        saving.Tell(new SaveCheckpoint(newest.Step.Step), Self);
        rescue.Save(saving);
    }

    /// <summary>The state is not saved: the coordinator had saved the same, or another process was lost meanwhile, or the disk refuses.</summary>
    private void NotSaved(StateRescue rescue, string reason)
    {
        if (_run?.Step >= rescue.Newest?.Step.Step)
        {
            TellRescued();
            EndRescue(obstacle: null);
        }
        else if (rescue.HasLostWriter)
        {
            Context.Stop(rescue.Saving);
            rescue.Save(null);
        }
        else
        {
            EndRescue(reason);
        }
    }

    /// <summary>
    /// Tells of the steps that the ranks made before they were held. Which of them were told is asked of the watchers' list, not of the run: its folder may be opened after the
    /// state was saved into it, and then says that they are done.
    /// </summary>
    private void TellRescued()
    {
        int told = _watchers.LastStep;
        foreach (StepCompleted step in _rescue!.Latest.Where(step => step.Step > told))
        {
            _completedStep = Math.Max(_completedStep, step.Step);
            _watchers.TellUnseen(step, Self);
        }
    }

    private void Saved(CheckpointSaved saved)
    {
        TellRescued();
        _watchers.Tell(saved, Self);
        Notice($"the state behind step {saved.Step} was saved from memory: no step is trained again");
        EndRescue(obstacle: null);
    }

    private void EndRescue(string? obstacle)
    {
        bool isLast = _rescue!.IsLast;
        _isRescued = obstacle is null;
        if (obstacle is not null)
        {
            Notice($"the state in memory cannot be saved: {obstacle}");
        }

        LeaveRescue();
        _since = _options.Time.GetTimestamp();
        if (isLast)
        {
            End(new TrainingEnded(_run?.Step ?? 0));
        }
    }

    /// <summary>Saves no state any more; what the processes hold still for it they drop.</summary>
    private void LeaveRescue()
    {
        if (_rescue is not { } rescue)
        {
            return;
        }

        _rescue = null;
        if (rescue.Saving is { } saving)
        {
            Context.Stop(saving);
        }

        if (_placement is { IsAbandoned: true } placement)
        {
            Drop(placement);
        }
    }
}
