using System.Collections.Immutable;
using Actors.Runtime.Serving;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>
/// One request of a caller, in the leader's process: collects its tokens, asks the gateway that the leader finds for it, keeps the answer and
/// sends it on numbered. When a gateway is lost the next one goes on behind the last token. It ends itself when its caller is silent for too long.
/// </summary>
internal sealed class RequestActor : UntypedActor, IWithTimers
{
    private readonly BeginInference _request;
    private readonly InferenceOptions _limits;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly List<int> _answer = [];
    private readonly List<int> _tokens = [];
    private ImmutableArray<string> _processes;
    private IActorRef _caller;
    private IActorRef _gateway = ActorRefs.Nobody;
    private object? _end;
    private long _heard;

    /// <summary>Makes the actor of a request.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="processes">Addresses of the cluster's processes.</param>
    /// <param name="limits">Limits of serving.</param>
    /// <param name="lease">How long the caller may be silent.</param>
    /// <param name="time">Measures.</param>
    public RequestActor(
        BeginInference request, IActorRef caller, ImmutableArray<string> processes, InferenceOptions limits, TimeSpan lease, TimeProvider time)
    {
        (_request, _caller, _processes, _limits, _lease, _time) = (request, caller, processes, limits, lease, time);
        _heard = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private long AllTokens => (long)_request.PromptTokens + _request.KnownTokens;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(CheckLease.Instance, CheckLease.Instance, _lease / 4);
        if (Refusal() is { } refusal)
        {
            End(new InferenceRefused(refusal), hasFailed: false);
            return;
        }

        Add(0, _request.First);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case BeginInference or RenewInference or PromptPiece:
                Hear(message);
                break;
            case CancelInference:
                Cancel();
                break;
            case GatewayFound found:
                Ask(found);
                break;
            case GatewayLost lost when _end is null:
                _gateway = ActorRefs.Nobody;
                _caller.Tell(new RunNotice($"{lost.Reason}; the answer goes on behind {_answer.Count} tokens"), Self);
                break;
            case TokenGenerated token when Sender.Equals(_gateway):
                _answer.Add(token.Token);
                _caller.Tell(new AnswerTokens(_answer.Count - 1, [token.Token]), Self);
                break;
            case InferenceEnded or InferenceRefused or InferenceFailed when _end is null && (Sender.Equals(_gateway) || Sender.Equals(Context.Parent)):
                End(message, message is InferenceFailed && Sender.Equals(_gateway));
                break;
            case ProcessesKnown known:
                _processes = known.Addresses;
                break;
            case CheckLease when _time.GetElapsedTime(_heard) > _lease:
                Context.Stop(Self);
                break;
            case CheckLease or TokenGenerated or GatewayLost or InferenceEnded or InferenceRefused or InferenceFailed:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Whatever ends it, the gateway has its slot back.</summary>
    protected override void PostStop()
    {
        if (_end is null)
        {
            _gateway.Tell(new StopInference(), Self);
        }
    }

    private string? Refusal() => _request.PromptTokens < 1 || _request.KnownTokens < 0 || _request.First.IsDefault
        ? "the prompt is empty: give at least one token"
        : _limits.RefusalOf(_request.PromptTokens)
            ?? (AllTokens > _limits.MaxLength ? $"the prompt and the answer so far have {AllTokens} tokens; a sequence may have {_limits.MaxLength}" : null);

    private void Hear(object message)
    {
        (_caller, _heard) = (Sender, _time.GetTimestamp());
        if (_end is null && message is PromptPiece piece)
        {
            Add(piece.At, piece.Tokens);
        }

        _caller.Tell(new InferenceStanding(_processes, _tokens.Count, _request.From), Self);
        if (message is not PromptPiece)
        {
            SendFrom(message is RenewInference renewal ? renewal.Received : ((BeginInference)message).KnownTokens);
        }
    }

    /// <summary>Sends again what the caller lacks: a connection may have broken between the two.</summary>
    private void SendFrom(int received)
    {
        for (int at = Math.Max(received, 0); at < _answer.Count; at += PromptPiece.MostTokens)
        {
            _caller.Tell(new AnswerTokens(at, [.. _answer.Skip(at).Take(PromptPiece.MostTokens)]), Self);
        }

        if (_end is not null)
        {
            _caller.Tell(_end, Self);
        }
    }

    private void Add(int at, ImmutableArray<int> tokens)
    {
        if (at != _tokens.Count || tokens.IsDefaultOrEmpty || at + tokens.Length > AllTokens)
        {
            return;
        }

        _tokens.AddRange(tokens);
        if (_tokens.Count == AllTokens)
        {
            _answer.AddRange(_tokens.Skip(_request.PromptTokens));
            Context.Parent.Tell(new RequestReady(_request.Id), Self);
        }
    }

    private void Ask(GatewayFound found)
    {
        if (_end is not null)
        {
            Context.Parent.Tell(new RequestOver(_request.Id, HasFailed: false), Self);
            return;
        }

        _gateway = found.Gateway;
        _caller.Tell(new RunNotice(found.Notice), Self);
        _gateway.Tell(
            new Infer([.. _tokens.Take(_request.PromptTokens)], _request.MaxTokens, _request.Temperature, _request.TopP, _request.Seed)
            {
                EndTokens = found.EndTokens,
                Answered = [.. _answer],
            },
            Self);
    }

    /// <summary>Ends the request after the step under way; one that has ended is forgotten, since its caller has all of it.</summary>
    private void Cancel()
    {
        if (_end is not null)
        {
            Context.Stop(Self);
            return;
        }

        if (!Sender.Equals(_caller))
        {
            Sender.Tell(new InferenceStanding(_processes, _tokens.Count, _request.From), Self);
        }

        if (_gateway.IsNobody())
        {
            End(new InferenceEnded(EndReason.Stopped, _answer.Count, 0, 0), hasFailed: false);
        }
        else
        {
            _gateway.Tell(new StopInference(), Self);
        }
    }

    private void End(object end, bool hasFailed)
    {
        (_end, _gateway) = (end, ActorRefs.Nobody);
        _caller.Tell(end, Self);
        Context.Parent.Tell(new RequestOver(_request.Id, hasFailed), Self);
    }

    private sealed record CheckLease : INoSerializationVerificationNeeded
    {
        public static CheckLease Instance { get; } = new();
    }
}
