using System.Text;
using Actors.Model.Tokenizers;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Serving;
using Akka.Actor;

namespace Actors.Cli.Runs;

/// <summary>Asks the gateway for one answer and hands it on as text.</summary>
internal sealed class InferenceListener : UntypedActor
{
    private readonly TokenDecoder _decoder;
    private readonly IActorRef _gateway;
    private readonly Infer _request;
    private readonly Action<string> _text;
    private readonly Action<string> _notice;
    private readonly bool _echoesPrompt;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<InferenceEnded> _ended;
    private readonly long _started;
    private long _firstToken;
    private int _tokens;

    public InferenceListener(
        IActorRef gateway, ITokenizer tokenizer, Infer request, Action<string> text, Action<string> notice, bool echoesPrompt, TimeProvider time,
        TaskCompletionSource<InferenceEnded> ended)
    {
        _gateway = gateway;
        _decoder = new TokenDecoder(tokenizer);
        _request = request;
        _text = text;
        _notice = notice;
        _echoesPrompt = echoesPrompt;
        _time = time;
        _ended = ended;
        _started = time.GetTimestamp();
    }

    /// <summary>Asks to end with what there is.</summary>
    public sealed record Stop;

    protected override void PreStart() => _gateway.Tell(_request, Self);

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception failure)
        {
            _ended.TrySetException(new RunFailedException($"the answer cannot be shown: {failure.Message}", failure.ToString()));
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case TokenGenerated token when !_ended.Task.IsCompleted:
                if (_tokens++ == 0)
                {
                    _firstToken = _time.GetTimestamp();
                    Echo();
                }

                Write(_decoder.Append(token.Token));
                break;
            case InferenceEnded ended:
                Write(_decoder.Flush());
                _ended.TrySetResult(ended);
                break;
            case Stop:
                Write(_decoder.Flush());
                _ended.TrySetResult(Stopped());
                _gateway.Tell(new StopInference(), Self);
                break;
            case RunNotice notice:
                _notice(notice.Text);
                break;
            case InferenceRefused refused:
                _ended.TrySetException(new UsageException(refused.Reason));
                break;
            case InferenceFailed failed:
                _ended.TrySetException(new RunFailedException(failed.Reason, failed.Detail));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private InferenceEnded Stopped() => _tokens == 0
        ? new InferenceEnded(EndReason.Stopped, 0, _time.GetElapsedTime(_started).TotalSeconds, 0)
        : new InferenceEnded(
            EndReason.Stopped, _tokens, _time.GetElapsedTime(_started, _firstToken).TotalSeconds, _time.GetElapsedTime(_firstToken).TotalSeconds);

    /// <summary>Hands the prompt on. Its last character may end with what the model adds.</summary>
    private void Echo()
    {
        if (!_echoesPrompt)
        {
            return;
        }

        var prompt = new StringBuilder();
        foreach (int token in _request.Prompt)
        {
            prompt.Append(_decoder.Append(token));
        }

        Write(prompt.ToString());
    }

    private void Write(string text)
    {
        if (text.Length > 0 && !_ended.Task.IsCompleted)
        {
            _text(text);
        }
    }
}
