using System.Text;
using Akka.Actor;
using Actors.Model.Parameters;
using Actors.Model.Tokenizers;
using Actors.Runtime.Configuration;
using Actors.Runtime.Fabric;
using Actors.Runtime.Inference;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Cli.Runs;

/// <summary>A model that is being served in this process, with texts for prompts and answers.</summary>
internal sealed class ServingSession : IDisposable
{
    /// <summary>Bytes of text that a sample goes on from.</summary>
    public const int SamplePromptBytes = 64;

    private const int SampleTokens = 200;
    private const int DefaultMaxLength = 1024;
    private readonly ActorSystem _system;
    private readonly InferenceMemory _memory;
    private readonly ServingRun _run;

    private ServingSession(ActorSystem system, InferenceMemory memory)
    {
        _system = system;
        _memory = memory;
        _run = ServingRun.Start(system, memory);
    }

    /// <summary>Starts serving values that someone else owns, or fresh ones that <paramref name="load"/> fills first.</summary>
    public static ServingSession Start(
        Composition composition, ActorSystem system, RunPlan plan, InferenceSettings settings, IBackend backend, ModelWeights? weights = null,
        Action<InferenceMemory>? load = null)
    {
        int maxLength = Math.Min(plan.Model.MaxPositions, settings.MaxLength ?? DefaultMaxLength);
        int slots = (settings.MaxSequences + plan.ExpertRanks - 1) / plan.ExpertRanks;

        // Serving sends few rows at a time: one channel carries them with the fewest messages.
        RunPlan serving = plan with { Fabric = new FabricSettings(1, plan.Fabric.ChunkRows, plan.Fabric.SlotsPerRing), TraceCapacity = 0 };
        var memory = new InferenceMemory(serving, new InferenceOptions(slots, maxLength), backend, composition.MakeLink, composition.Time, weights);
        load?.Invoke(memory);
        return new ServingSession(system, memory);
    }

    /// <summary>Goes on with a text.</summary>
    /// <param name="prompt">UTF-8 text.</param>
    /// <param name="settings">How to draw.</param>
    /// <param name="text">Is told of every piece of text.</param>
    /// <param name="stop">Asks to end after the present token.</param>
    public async Task<InferenceEnded> GenerateAsync(ReadOnlyMemory<byte> prompt, InferenceSettings settings, Action<string> text, CancellationToken stop)
    {
        var tokens = new int[prompt.Length];
        ByteTokenizer.Encode(prompt.Span, tokens);
        var request = new Infer(
            [.. tokens], settings.MaxNewTokens, settings.Temperature, settings.TopP, (ulong)settings.Seed, _memory.Plan.Model.EndTokenId);
        var ended = new TaskCompletionSource<InferenceEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef gateway = _run.Gateway;
        IActorRef listener = _system.ActorOf(Props.Create(() => new Listener(gateway, request, text, ended)));
        using CancellationTokenRegistration stopping = stop.Register(() => ended.TrySetCanceled(stop));
        try
        {
            return await ended.Task;
        }
        finally
        {
            _system.Stop(listener);
        }
    }

    /// <summary>A short text that shows what the model has learned: the prompt and how the model goes on.</summary>
    public async Task<string> SampleAsync(ReadOnlyMemory<byte> prompt, InferenceSettings settings)
    {
        var answer = new StringBuilder(Encoding.UTF8.GetString(prompt.Span));
        await GenerateAsync(prompt, settings with { MaxNewTokens = SampleTokens }, piece => answer.Append(piece), CancellationToken.None);
        return answer.ToString();
    }

    /// <summary>Frees the memory; only after the system has terminated, since ranks use it until they have stopped.</summary>
    public void Dispose() => _memory.Dispose();

    /// <summary>Receives one answer.</summary>
    private sealed class Listener : UntypedActor
    {
        private readonly ByteTokenDecoder _decoder = new();
        private readonly Action<string> _text;
        private readonly TaskCompletionSource<InferenceEnded> _ended;

        public Listener(IActorRef gateway, Infer request, Action<string> text, TaskCompletionSource<InferenceEnded> ended)
        {
            _text = text;
            _ended = ended;
            gateway.Tell(request, Self);
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case TokenGenerated token:
                    Write(_decoder.Append(token.Token));
                    break;
                case InferenceEnded ended:
                    Write(_decoder.Flush());
                    _ended.TrySetResult(ended);
                    break;
                case InferenceRefused refused:
                    _ended.TrySetException(new RunFailedException(refused.Reason));
                    break;
                default:
                    Unhandled(message);
                    break;
            }
        }

        private void Write(string text)
        {
            if (text.Length > 0)
            {
                _text(text);
            }
        }
    }
}
