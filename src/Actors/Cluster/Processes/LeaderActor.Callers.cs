using Actors.Runtime.Training;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>What callers and operators ask of the leader: to train, to be told how it goes, to stop, to let a process leave in good order, to give one up for dead.</summary>
internal sealed partial class LeaderActor
{
    private (TrainRun Order, IActorRef Caller)? _asked;
    private bool _isStopAsked;
    private long? _lostAt;

    /// <summary>Takes an order once it is known that no other is under way.</summary>
    private void Take(TrainRun order, IActorRef caller)
    {
        if (_order is null && !_members.MostHaveAnswered)
        {
            _asked = (order, caller);
            return;
        }

        if (_order is null && order == _lastEnd.Order)
        {
            _watchers.Hear(caller, after: 0, Self);
            caller.Tell(_lastEnd.Message, Self);
            return;
        }

        if (_order is not null && _order != order)
        {
            caller.Tell(new RunFailed($"the cluster trains already, into {_order.OutputFolder}: wait for its end, or stop it"), Self);
            return;
        }

        bool isNew = _order is null;
        if (isNew)
        {
            (_order, _lastEnd, _since) = (order, default, _options.Time.GetTimestamp());
            _watchers.Forget();
        }

        Watch(caller, after: 0);
        if (isNew && _members.ReadyToTrain.Count < _wanted)
        {
            Notice($"waiting for {_wanted} processes (actors.cluster.processes); {_members.ReadyToTrain.Count} can be placed on");
        }

        Advance();
    }

    private void Watch(IActorRef caller, int after)
    {
        caller.Tell(new Watching(_members.Staying, _run?.LastStep ?? 0, _options.Plan.Ranks), Self);
        bool isNew = _watchers.Hear(caller, after, Self);
        if (isNew && _order is null && _epoch > 0 && _lastEnd.Message is { } last)
        {
            caller.Tell(last, Self);
        }
    }

    private string RunText() => _order is null
        ? "trains nothing"
        : $"trains into {_order.OutputFolder}: step {_completedStep} of {_run?.LastStep}, epoch {_epoch}"
            + (_placement is { IsAbandoned: false, Plan: var plan } && plan != _options.Plan ? $", {plan.Description}{SmallerText(plan)}" : "") + PlacementText;

    private void TakeWhoAsked()
    {
        if (_asked is { } asked && _members.MostHaveAnswered)
        {
            _asked = null;
            Take(asked.Order, asked.Caller);
        }
    }

    private void Stop()
    {
        _isStopAsked = _order is not null;
        if (_placement is { Coordinator: { } coordinator, IsAbandoned: false })
        {
            coordinator.Tell(new StopTraining(), Self);
        }
        else if (_rescue is not null)
        {
            _rescue.IsLast = true;
        }
        else if (_order is not null)
        {
            End(new TrainingEnded(_run?.Step ?? 0));
        }
    }

    /// <summary>Does what is asked of a process, or says that there is none of that address.</summary>
    private void Answer(string process, Func<Address, string> answer) => Sender.Tell(
        _members.Find(process) is { } address
            ? new OperatorAnswered(answer(address), IsRefused: false)
            : new OperatorAnswered($"{process} is no process of the cluster, which has {string.Join(", ", _members.Addresses.Select(PlainAddress))}", IsRefused: true),
        Self);

    private string Leave(Address address)
    {
        string name = PlainAddress($"{address}");
        if (!_members.Leave(address))
        {
            return $"{name} leaves already";
        }

        _wanted = _epoch == 0 ? _wanted : Math.Min(_wanted, Math.Max(1, _members.ReadyToTrain.Count));
        if (!HasShare(address, _placement))
        {
            Notice($"{name} leaves the cluster");
            Advance();
            return $"{name} leaves";
        }

        if (_placement!.Coordinator is { } coordinator)
        {
            Notice($"{name} leaves the cluster: the step under way is finished and saved first");
            coordinator.Tell(new StopTraining(), Self);
            return $"{name} leaves when the step under way is saved and its nodes are placed on others";
        }

        Abandon($"{name} leaves the cluster");
        return $"{name} leaves when its nodes are placed on others";
    }

    private string Down(Address address)
    {
        string name = PlainAddress($"{address}");
        Notice($"{name} is declared dead by an operator");
        _cluster.Down(address);
        Lose(address, "an operator says so");
        return $"{name} is taken out of the cluster";
    }

    /// <summary>Whether a run has paused so that it can be placed again: what ends before its last step without being asked to is not over.</summary>
    private bool MustHandOver => !_isStopAsked && _run is { } run && run.Step < run.LastStep;

    /// <summary>Whether a process leaves that has a share of the placement.</summary>
    private bool IsLeft => _members.Leaving.Any(address => HasShare(address, _placement));

    private void HandOver()
    {
        string[] leaving = [.. _members.Leaving.Select(address => PlainAddress($"{address}"))];
        Abandon($"step {_run!.Step} is saved: the run is placed again {(leaving.Length == 0 ? "on more devices" : $"without {string.Join(", ", leaving)}")}");
    }

    /// <summary>Lets those go that hold nothing any more.</summary>
    private void LetGo()
    {
        if (_members.Leaving is not { Count: > 0 } leaving)
        {
            return;
        }

        if (_order is not null && _placement is null && _members.ReadyToTrain.Count == 0)
        {
            End(_run is { } run && run.Step >= run.LastStep
                ? new TrainingEnded(run.Step)
                : new RunFailed($"all processes leave the cluster; {(_run?.Checkpoint is { } saved ? $"the run goes on from {saved}" : "nothing was saved")}"));
        }

        foreach (Address address in leaving)
        {
            if (MayGo(address))
            {
                _members.LetGo(address, Context, Self);
            }
        }
    }

    /// <summary>Nobody goes before it is known what it holds of a run that is to be gone on with. The leader's own process goes last: a leader elsewhere learns of the run from those who have been placed on.</summary>
    private bool MayGo(Address address)
    {
        bool holds = _placement is not null && _members.MemberAt(address) is { } member && !_placement.NodesOf(member).IsEmpty;
        bool leadsAlone = address == _cluster.Self && _order is not null && _epoch > 0;
        bool isKnown = _members.MostHaveAnswered && _members.HasAnswered(address);
        return !holds && isKnown && _rescue is null && (!leadsAlone || _placement is { IsAbandoned: false, Coordinator: not null });
    }

    private bool HasShare(Address address, ProcessPlacement? placement) =>
        placement is { IsAbandoned: false } && _members.MemberAt(address) is { } member && !placement.NodesOf(member).IsEmpty;

    private void CountRecovery()
    {
        if (_lostAt is { } lost)
        {
            _options.Telemetry.Meters?.Cluster.Recovered(_options.Time.GetElapsedTime(lost));
            _lostAt = null;
        }
    }

    /// <summary>host:port.</summary>
    private static string PlainAddress(string address) => address[(address.IndexOf('@', StringComparison.Ordinal) + 1)..];
}
