using System.Collections.Immutable;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Serving;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>
/// Leads the serving of a cluster, beside its training: makes a placement when the first request comes, with the newest values of the folder
/// that it names, and the gateway in this process. When a process is lost it makes another and the requests go on there. With nothing in
/// flight newer values lead to a new placement; one that nobody uses is given up. A leader that takes over begins with nothing: callers ask again.
/// </summary>
internal sealed class ServingLeaderActor : UntypedActor, IWithTimers
{
    private const int MaxFailedPlacements = 3;
    private readonly ServingLeaderOptions _options;
    private readonly ClusterMembers _members;
    private readonly IClusterMembership _cluster;
    private readonly ILogger _log;
    private readonly ServedRequests _requests;
    private ProcessPlacement? _placement;
    private ServedModel? _model;
    private string? _from;
    private IActorRef _gateway = ActorRefs.Nobody;
    private string _lastFailure = "";
    private int _epoch;
    private int _failedPlacements;
    private long _since;
    private bool _isFinding;
    private bool _isSuspect;

    /// <summary>Makes the leader.</summary>
    public ServingLeaderActor(ServingLeaderOptions options)
    {
        _options = options;
        _cluster = options.Membership;
        _members = new ClusterMembers(options.Identity, _cluster, ProcessNames.Serving);
        _log = options.Telemetry.Loggers.CreateLogger(ProcessLog.Component);
        InferenceOptions limits = options.Serving.Limits;
        _requests = new ServedRequests(limits.MaxWaiting + (limits.SlotsPerRank * options.Serving.Plan.ExpertRanks));
        _since = options.Time.GetTimestamp();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Waited => _options.Time.GetElapsedTime(_since);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(Self);
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TimeSpan.FromMilliseconds(200));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case var told when _cluster.ChangeIn(told) is { } change:
                Changed(change);
                break;
            case ProcessIntroduced introduced:
                Introduced(introduced);
                break;
            case Tick:
                _members.Ask(Context, Self);
                Advance();
                break;
            case IInferenceRequest request:
                Take(request);
                break;
            case ReadTokenizer read:
                TokenizerAnswer.Begin(Context, read with { From = read.From ?? _from }, Sender, _options);
                break;
            case ModelFound found:
                _isFinding = false;
                Found(found);
                break;
            default:
                HandleRequests(message);
                break;
        }
    }

    private void Changed(MemberChange change)
    {
        if (change.Gone is not null)
        {
            Lose(change.Address);
            return;
        }

        _members.Add(change.Address, change.Roles);
        SayProcesses();
    }

    private void HandleRequests(object message)
    {
        switch (message)
        {
            case RequestReady ready when _requests.Find(ready.Id) is { State: RequestState.Collecting } request:
                request.State = RequestState.Waiting;
                Advance();
                break;
            case RequestOver over when _requests.Find(over.Id) is { } request:
                request.State = RequestState.Over;
                _failedPlacements = over.HasFailed ? _failedPlacements : 0;
                _isSuspect |= over.HasFailed;
                Rest();
                break;
            case Terminated stopped:
                _requests.Remove(stopped.ActorRef);
                Rest();
                break;
            case RequestReady or RequestOver:
                break;
            default:
                HandlePlacement(message);
                break;
        }
    }

    private void HandlePlacement(object message)
    {
        switch (message)
        {
            case SharePrepared prepared when _placement?.Prepared(prepared) == true:
                _gateway = _placement.Processes[0].Saver;
                _gateway.Tell(new ServeOver(_placement.Nodes), Self);
                Rest();
                break;
            case ShareRefused refused when refused.Epoch == _placement?.Epoch:
                Abandon($"{_placement.NameOf(refused.Process)} cannot take its share of serving: {refused.Reason}");
                break;
            case PeerLost lost when lost.Epoch == _placement?.Epoch && !_placement.IsAbandoned:
                _placement.Accuse(lost.Peer);
                Abandon($"{_placement.NameOf(lost.Process)} has lost {_placement.NameOf(lost.Peer)}: {lost.Reason}");
                break;
            case ShareDropping dropping when dropping.Epoch == _placement?.Epoch:
                _placement.Heard(Sender);
                break;
            case ShareDropped dropped when dropped.Epoch == _placement?.Epoch:
                _placement.Dropped(Sender);
                Advance();
                break;
            default:
                break;
        }
    }

    /// <summary>What a process still holds of a leader before is dropped: nobody asks its gateway any more.</summary>
    private void Introduced(ProcessIntroduced introduced)
    {
        if (_members.Introduced(introduced, Sender) is { } refused)
        {
            ProcessLog.Refused(_log, $"{introduced.Process.Name} (serving)", refused);
        }
        else if (introduced.Process.Held is { } held && held.Epoch != _placement?.Epoch)
        {
            _epoch = Math.Max(_epoch, held.Epoch);
            _from ??= held.Order.OutputFolder.Length > 0 ? held.Order.OutputFolder : null;
            Sender.Tell(new DropShare(held.Epoch), Self);
        }

        Advance();
    }

    private void Take(IInferenceRequest request)
    {
        if (_requests.Find(request.Id) is { } known)
        {
            known.Actor.Forward(request);
        }
        else if (request is not BeginInference asked)
        {
            Sender.Tell(new InferenceUnknown(request.Id), Self);
        }
        else if (_requests.IsFull)
        {
            Sender.Tell(new InferenceRefused($"the cluster has {_requests.Most} requests already: try again later or raise actors.inference.max-waiting"), Self);
        }
        else
        {
            // Without a folder and a run: what was served last, also by a leader before.
            BeginInference begin = asked with { From = asked.From ?? _from };
            (IActorRef caller, ImmutableArray<string> processes, ClusterServingOptions serving, TimeProvider time) =
                (Sender, _members.Addresses, _options.Serving, _options.Time);
            IActorRef actor = Context.ActorOf(Props.Create(() =>
                new RequestActor(begin, caller, processes, serving.Limits, serving.Settings.RequestLease, time)));
            Context.Watch(actor);
            _requests.Add(new ServedRequest(begin.Id, begin.From, actor));
            actor.Forward(new RenewInference(begin.Id, begin.KnownTokens));
        }
    }

    /// <summary>Does what can be done now: frees what is left of a placement, finds values for the next request, gives up what nobody uses.</summary>
    private void Advance()
    {
        if (_placement is { IsAbandoned: true } abandoned)
        {
            DownTheSilent(abandoned);
            _placement = abandoned.IsDropped ? null : abandoned;
        }

        if (_placement is { IsStanding: false, IsAbandoned: false } && Waited > _options.PlaceTimeout)
        {
            Abandon($"not all processes had taken their share of serving after {_options.PlaceTimeout.TotalSeconds:0} s");
        }

        FailWaiting(_failedPlacements < MaxFailedPlacements ? null : $"serving could not go on {MaxFailedPlacements} times in a row; last: {_lastFailure}");

        if (_requests.NextWaiting is { } next)
        {
            Find(next);
        }
        else if (_placement is { IsStanding: true, IsAbandoned: false } && !_requests.Running.Any() && Waited > _options.Serving.Settings.IdleTimeout)
        {
            ProcessLog.ServingRests(_log, _placement.Epoch);
            Drop(_placement);
        }
    }

    /// <summary>Looks for the values that a request wants, aside, since that waits for the disk.</summary>
    private void Find(ServedRequest next)
    {
        if (_isFinding || _placement is { IsStanding: false })
        {
            return;
        }

        _isFinding = true;
        (Func<string?, ServedModel> find, TimeProvider time, TimeSpan most) = (_options.Serving.FindModel, _options.Time, _options.PlaceTimeout);
        BackgroundSetup.Run(Context, () => find(next.From)).WaitAsync(most, time)
            .PipeTo(Self, Self, model => new ModelFound(next, model, null), failure => new ModelFound(next, null, failure.Message));
    }

    private void Found(ModelFound found)
    {
        if (found.Request.State != RequestState.Waiting)
        {
            Advance();
        }
        else if (found.Model is not { } model)
        {
            found.Request.Actor.Tell(new InferenceRefused(found.Refusal!), Self);
            found.Request.State = RequestState.Over;
            Advance();
        }
        else if (_placement is null)
        {
            Place(model, found.Request.From);
        }
        else if (_placement is { IsStanding: true, IsAbandoned: false })
        {
            Serve(found.Request, model);
        }
    }

    /// <summary>Has the present gateway answer a request, where it has the values; where it has others, when they are no longer needed.</summary>
    private void Serve(ServedRequest request, ServedModel model)
    {
        bool isIdle = !_requests.Running.Any();
        if (!_isSuspect && (model.Folder == _model!.Folder || (!isIdle && request.From == _from)))
        {
            request.State = RequestState.Running;
            string processes = _placement!.Members.Length == 1 ? "1 process" : $"{_placement.Members.Length} processes";
            request.Actor.Tell(new GatewayFound(_gateway, _model.EndTokens, $"answered by {_model.Name} on {processes}"), Self);
            Advance();
        }
        else if (isIdle)
        {
            Drop(_placement!);
        }
    }

    /// <summary>Places the plan's nodes on the processes that are up, beginning with this one, which has the gateway.</summary>
    private void Place(ServedModel model, string? from)
    {
        IReadOnlyList<ClusterMember> ready = _members.Ready;
        if (ready.FirstOrDefault(member => member.Address.Equals(_cluster.Self)) is not { } own)
        {
            FailWaiting(Waited > _options.PlaceTimeout ? $"the leader's own process did not say who it is within {_options.PlaceTimeout.TotalSeconds:0} s" : null);
            return;
        }

        if (!_members.IsSettled && Waited < _options.ReplacementTimeout)
        {
            return;
        }

        // The gateway's process has a share whatever its role: steps reach the others by its links.
        ClusterMember[] members = [own, .. _members.ReadyToServe.Where(member => member != own)];
        if (ProcessPlacement.FaultOf(_options.Serving.Plan, members) is { } fault)
        {
            FailWaiting(fault);
            return;
        }

        _epoch++;
        (_model, _from, _isSuspect, _since) = (model, from, false, _options.Time.GetTimestamp());
        _placement = ProcessPlacement.Of(_epoch, _options.Serving.Plan, members);
        ProcessLog.PlacingServing(_log, _epoch, _options.Serving.Plan.Nodes, _placement.Members.Length, model.Name);
        _placement.Prepare(model.Folder, new TrainRun(from ?? "", model.Run), Self);
    }

    private void Lose(Address address)
    {
        ClusterMember? lost = _members.Remove(address);
        SayProcesses();
        if (lost is not null && _placement?.Lose(lost) == true)
        {
            Abandon($"{lost.Description.Name} is lost: it has left the cluster");
        }
    }

    private void Abandon(string reason)
    {
        if (_placement is null || _placement.IsAbandoned)
        {
            return;
        }

        ProcessLog.Notice(_log, reason);
        (_lastFailure, _failedPlacements) = (reason, _failedPlacements + 1);
        Drop(_placement);
        foreach (ServedRequest request in _requests.Running)
        {
            request.State = RequestState.Waiting;
            request.Actor.Tell(new GatewayLost(reason), Self);
        }

        Advance();
    }

    private void Drop(ProcessPlacement placement)
    {
        _gateway = ActorRefs.Nobody;
        _since = _options.Time.GetTimestamp();
        placement.Abandon(_since, Self);
    }

    /// <summary>Whom a peer has lost, and who says nothing either, has ended: nobody waits until the failure detector is sure.</summary>
    private void DownTheSilent(ProcessPlacement abandoned)
    {
        foreach (ClusterMember silent in abandoned.Silent(_options.Time, _members.Count, _options.PlaceTimeout))
        {
            ProcessLog.Notice(_log, $"{silent.Description.Name} is taken for dead");
            _cluster.Down(silent.Address);
            _members.Remove(silent.Address);
            abandoned.Lose(silent);
        }
    }

    private void FailWaiting(string? reason)
    {
        if (reason is null)
        {
            return;
        }

        _failedPlacements = 0;
        foreach (ServedRequest request in _requests.In(RequestState.Waiting))
        {
            request.State = RequestState.Over;
            request.Actor.Tell(new InferenceFailed(reason, null), Self);
        }
    }

    /// <summary>From here on the time counts in which nobody needs the placement.</summary>
    private void Rest()
    {
        _since = _placement is { IsStanding: true } && !_requests.Running.Any() ? _options.Time.GetTimestamp() : _since;
        Advance();
    }

    private void SayProcesses()
    {
        foreach (ServedRequest request in _requests.All)
        {
            request.Actor.Tell(new ProcessesKnown(_members.Addresses), Self);
        }
    }

    /// <summary>What was found for a request.</summary>
    private sealed record ModelFound(ServedRequest Request, ServedModel? Model, string? Refusal) : INoSerializationVerificationNeeded;

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }
}
