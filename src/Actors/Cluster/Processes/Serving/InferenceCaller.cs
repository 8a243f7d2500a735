using System.Collections.Immutable;
using Actors.Runtime.Serving;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>
/// Stands for a cluster's gateway towards one user here: sends the request, says again and again that it is there, and hands each token on once
/// and in order. A leader that does not know the request gets it again, with the answer so far; where nobody answers, another process is asked.
/// </summary>
public sealed class InferenceCaller : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);
    private const int MaxUnanswered = 9, MaxSilentRounds = 6;
    private readonly Func<string, ICanTell> _frontAt;
    private readonly string _id;
    private readonly string _nobodyAnswers;
    private readonly Action _closed;
    private readonly List<int> _answer = [];
    private ImmutableArray<int> _sent = [];
    private ImmutableArray<string> _processes;
    private string? _from;
    private Infer? _request;
    private IActorRef _user = ActorRefs.Nobody;
    private ICanTell _front;
    private int _unanswered;
    private int _silentRounds;
    private int _next;
    private bool _isStopping;

    /// <summary>Makes the actor.</summary>
    /// <param name="process">Address of the process that is asked first, unless it is not among <paramref name="processes"/>.</param>
    /// <param name="processes">Addresses of the cluster's processes, as far as they are known.</param>
    /// <param name="frontAt">Receives callers at the process of an address.</param>
    /// <param name="id">Names the request.</param>
    /// <param name="from">Folder whose values answer; null: the cluster's present run.</param>
    /// <param name="nobodyAnswers">Refusal where no process answers.</param>
    /// <param name="closed">Is told when the cluster has nothing of the request any more, or does not answer.</param>
    public InferenceCaller(
        string process, ImmutableArray<string> processes, Func<string, ICanTell> frontAt, string id, string? from, string nobodyAnswers, Action closed)
    {
        ArgumentNullException.ThrowIfNull(frontAt);
        (_processes, _frontAt, _id, _from, _nobodyAnswers, _closed) = (processes, frontAt, id, from, nobodyAnswers, closed);
        _front = frontAt(processes.IsEmpty || processes.Contains(process) ? process : processes[0]);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Infer request:
                (_request, _user) = (request, Sender);
                Begin();
                Timers.StartPeriodicTimer(Renew.Instance, Renew.Instance, Renewal);
                break;
            case StopInference:
                _isStopping = true;
                _front.Tell(new CancelInference(_id), Self);
                break;
            case Renew:
                Ask();
                break;
            case InferenceStanding standing:
                (_processes, _from, _unanswered, _silentRounds) = (standing.Processes, standing.From, 0, 0);
                SendPiece(standing.Received);
                break;
            case InferenceUnknown when _isStopping:
                Close();
                break;
            case InferenceUnknown:
                Begin();
                break;
            case AnswerTokens tokens:
                Take(tokens);
                break;
            case RunNotice notice:
                _user.Tell(notice, Self);
                break;
            case InferenceEnded ended when ended.Tokens > _answer.Count:
                _front.Tell(new RenewInference(_id, _answer.Count), Self);
                break;
            case InferenceEnded or InferenceRefused or InferenceFailed:
                _user.Tell(message, Self);
                _front.Tell(new CancelInference(_id), Self);
                Close();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Begin()
    {
        _sent = [.. _request!.Prompt, .. _answer];
        _front.Tell(
            new BeginInference(
                _id, _from, _request.Prompt.Length, _answer.Count, [.. _sent.Take(PromptPiece.MostTokens)], _request.MaxTokens, _request.Temperature,
                _request.TopP, _request.Seed),
            Self);
    }

    private void SendPiece(int received)
    {
        if (received < _sent.Length)
        {
            _front.Tell(new PromptPiece(_id, received, [.. _sent.Skip(received).Take(PromptPiece.MostTokens)]), Self);
        }
    }

    /// <summary>Hands on what is new. What lies behind a gap comes again at the next renewal.</summary>
    private void Take(AnswerTokens tokens)
    {
        for (int i = _answer.Count - tokens.At; i >= 0 && i < tokens.Tokens.Length; i++)
        {
            _answer.Add(tokens.Tokens[i]);
            _user.Tell(new TokenGenerated(tokens.Tokens[i]), Self);
        }
    }

    /// <summary>Says that it is still there. Who does not answer may have gone: another process is asked.</summary>
    private void Ask()
    {
        if (++_unanswered > MaxUnanswered)
        {
            (_unanswered, _silentRounds) = (0, _silentRounds + 1);
            if (_processes.IsEmpty || _silentRounds > MaxSilentRounds)
            {
                _user.Tell(new InferenceRefused(_nobodyAnswers), Self);
                Close();
                return;
            }

            _front = _frontAt(_processes[_next++ % _processes.Length]);
        }

        _front.Tell(_isStopping ? new CancelInference(_id) : new RenewInference(_id, _answer.Count), Self);
    }

    private void Close()
    {
        Timers.CancelAll();
        _closed();
    }

    private sealed record Renew : INoSerializationVerificationNeeded
    {
        public static Renew Instance { get; } = new();
    }
}
