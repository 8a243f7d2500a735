using System.Collections.Immutable;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Training.Copies;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Stands for a process of the cluster: introduces it to leaders, and holds its share of one placement at a time. It obeys the highest
/// epoch that it has seen; orders of a lower one come from a leader that has been replaced, and are refused.
/// </summary>
internal sealed class ProcessActor : UntypedActor
{
    private readonly ProcessIdentity _identity;
    private readonly IShareOpener _opener;
    private readonly ShareStatus _status;
    private readonly ILogger _log;
    private readonly HashSet<IActorRef> _stopping = [];
    private CancellationTokenSource? _opening;
    private Task<IRunShare>? _opened;
    private PrepareShare? _order;
    private IActorRef _leader = ActorRefs.Nobody;
    private IRunShare? _share;
    private ImmutableArray<IActorRef> _children = [];
    private PrepareShare? _next;
    private IActorRef _nextLeader = ActorRefs.Nobody;
    private IActorRef _dropFor = ActorRefs.Nobody;
    private bool _isClosing;
    private int _epoch;

    /// <summary>Makes the actor of a process.</summary>
    /// <param name="identity">Who the process is.</param>
    /// <param name="opener">Opens its shares.</param>
    /// <param name="status">Says how it stands with the share.</param>
    /// <param name="telemetry">Where it logs.</param>
    public ProcessActor(ProcessIdentity identity, IShareOpener opener, ShareStatus status, Telemetry telemetry)
    {
        (_identity, _opener, _status) = (identity, opener, status);
        _log = telemetry.Loggers.CreateLogger(ProcessLog.Component);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Introduce introduce:
                HeldRun? held = _order is null ? null : new HeldRun(_order.Epoch, _order.Order, _order.Process, _order.Processes, _order.Sizes);
                Sender.Tell(_identity.Introduction(introduce, held, _epoch), Self);
                break;
            case PrepareShare order when order.Epoch <= _epoch:
                Sender.Tell(new ShareRefused(order.Epoch, order.Process, $"epoch {order.Epoch} is over, epoch {_epoch} is known here"), Self);
                break;
            case PrepareShare order:
                (_next, _nextLeader, _epoch) = (order, Sender, order.Epoch);
                CloseOrOpen();
                break;
            case Opened opened:
                TakeShare(opened);
                break;
            case OpeningFailed failed:
                Refuse(failed);
                break;
            case HoldShare hold:
                Hold(hold);
                break;
            case DropShare drop when _order is { } order && drop.Epoch == order.Epoch:
                _dropFor = Sender;
                Sender.Tell(new ShareDropping(drop.Epoch), Self);
                Close();
                break;
            case DropShare drop:
                // An order that waits until the share before it is free is over with it.
                _next = _next?.Epoch == drop.Epoch ? null : _next;
                Sender.Tell(new ShareDropped(drop.Epoch), Self);
                break;
            case LostPeer lost when lost.Epoch == _order?.Epoch && !_isClosing:
                ProcessLog.PeerLost(_log, lost.Epoch, lost.Peer, lost.Reason);
                _leader.Tell(new PeerLost(lost.Epoch, _order.Process, lost.Peer, lost.Reason), Self);
                break;
            case Terminated stopped:
                _stopping.Remove(stopped.ActorRef);
                DisposeWhenStopped();
                break;
            case Closed:
                AfterClose();
                break;
            case LostPeer:
                break;
            case LeaveNow:
                _status.Leave();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _opening?.Cancel();
        _opening?.Dispose();
        _status.Free(_share, _opened);
    }

    private void CloseOrOpen()
    {
        if (_order is null)
        {
            Open();
        }
        else
        {
            Close();
        }
    }

    private void Open()
    {
        (_order, _leader, _next) = (_next!, _nextLeader, null);
        PrepareShare order = _order;
        ProcessLog.Opening(_log, order.Epoch, order.Process, order.Processes.Length, string.Join(", ", order.Processes[order.Process].Nodes));
        _status.NotReady = $"takes its share of epoch {order.Epoch}";
        _opening = new CancellationTokenSource();
        CancellationToken cancellation = _opening.Token;
        IActorRef self = Self;
        _opened = BackgroundSetup.RunAsync(
            Context, () => _opener.OpenAsync(order, (peer, reason) => self.Tell(new LostPeer(order.Epoch, peer, reason), self), cancellation), cancellation);
        _opened.PipeTo(self, self, share => new Opened(share), failure => new OpeningFailed(failure));
    }

    private void TakeShare(Opened opened)
    {
        EndOpening();
        _share = opened.Share;
        if (_isClosing)
        {
            DisposeWhenStopped();
            return;
        }

        (ImmutableArray<IActorRef> nodes, IActorRef saver) = _share.Start(Context);
        _children = saver.IsNobody() ? nodes : [.. nodes, saver];
        foreach (IActorRef child in _children)
        {
            Context.Watch(child);
        }

        _status.NotReady = null;
        ProcessLog.Opened(_log, _order!.Epoch);
        _leader.Tell(new SharePrepared(_order.Epoch, _order.Process, nodes, saver), Self);
    }

    private void Hold(HoldShare hold)
    {
        Sender.Tell(new ShareHolding(hold.Epoch), Self);
        if (_order?.Epoch == hold.Epoch && !_isClosing && _children is [.., var saver])
        {
            saver.Forward(HoldState.Instance);
        }
        else
        {
            Sender.Tell(new ShareHeld(hold.Epoch, hold.Process, Oldest: 0, Newest: null, Latest: [], "its share does not stand", Self), Self);
        }
    }

    private void Refuse(OpeningFailed failed)
    {
        EndOpening();
        PrepareShare order = _order!;
        if (!_isClosing)
        {
            ProcessLog.CannotOpen(_log, order.Epoch, failed.Reason.Message, failed.Reason);
            _leader.Tell(new ShareRefused(order.Epoch, order.Process, failed.Reason.Message), Self);
        }

        AfterClose();
    }

    private void EndOpening()
    {
        _opening?.Dispose();
        (_opening, _opened) = (null, null);
    }

    /// <summary>Gives the share up: an opening is asked to end, actors are stopped, then memory and links are freed.</summary>
    private void Close()
    {
        if (_isClosing)
        {
            return;
        }

        _isClosing = true;
        _status.NotReady = $"frees its share of epoch {_order!.Epoch}";
        _opening?.Cancel();
        foreach (IActorRef child in _children)
        {
            _stopping.Add(child);
            Context.Stop(child);
        }

        DisposeWhenStopped();
    }

    private void DisposeWhenStopped()
    {
        if (!_isClosing || _stopping.Count > 0 || _opening is not null)
        {
            return;
        }

        IRunShare? share = _share;
        _share = null;
        BackgroundSetup.RunAsync(Context, async () =>
        {
            if (share is not null)
            {
                await share.DisposeAsync().ConfigureAwait(false);
            }

            return new Closed();
        }).PipeTo(Self, Self);
    }

    private void AfterClose()
    {
        int epoch = _order!.Epoch;
        _status.NotReady = null;
        ProcessLog.Closed(_log, epoch);
        (_order, _children, _isClosing) = (null, [], false);
        _dropFor.Tell(new ShareDropped(epoch), Self);
        _dropFor = ActorRefs.Nobody;
        if (_next is not null)
        {
            Open();
        }
    }

    private sealed record Opened(IRunShare Share) : INoSerializationVerificationNeeded;

    private sealed record OpeningFailed(Exception Reason) : INoSerializationVerificationNeeded;

    private sealed record LostPeer(int Epoch, int Peer, string Reason) : INoSerializationVerificationNeeded;

    private sealed record Closed : INoSerializationVerificationNeeded;
}
