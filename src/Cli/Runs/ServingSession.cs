using System.Collections.Immutable;
using System.Text;
using Actors.Model;
using Actors.Model.Parameters;
using Actors.Model.Tokenizers;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Reports;
using Akka.Actor;

namespace Actors.Cli.Runs;

/// <summary>A model that is being served in this process, with texts for prompts and answers.</summary>
internal sealed class ServingSession : IDisposable
{
    /// <summary>Tokens that a sample goes on from.</summary>
    private const int SamplePromptTokens = 64;

    private const int SampleTokens = 200;
    private const int WarmUpPromptTokens = 64;
    private const int WarmUpTokens = 3;
    private readonly ActorSystem _system;
    private readonly ServingHost _host;
    private readonly ServingRun _run;
    private readonly TimeProvider _time;
    private readonly ITokenizer _tokenizer;

    private ServingSession(ActorSystem system, ServingHost host, ITokenizer tokenizer, TimeProvider time)
    {
        _tokenizer = tokenizer;
        _time = time;
        _system = system;
        _host = host;
        _run = ServingRun.Start(system, host);
    }

    /// <summary>Whether a model's tokens are text: those that its tokenizer does not have may be some of many, but not where tokens are bytes.</summary>
    public static bool CanSpeak(ModelConfig model, ITokenizer tokenizer) =>
        tokenizer is ByteTokenizer ? model.VocabularySize <= ByteTokenizer.Tokens : tokenizer.VocabularySize <= model.VocabularySize;

    /// <summary>Limits of serving a model at a placement.</summary>
    public static InferenceOptions OptionsOf(RunPlan plan, ActorsSettings settings)
    {
        int maxLength = Math.Min(plan.Model.MaxPositions, settings.Inference.MaxLength);
        int slots = (int)(((long)settings.Inference.MaxSequences + plan.ExpertRanks - 1) / plan.ExpertRanks);
        return new InferenceOptions(slots, maxLength, settings.Inference.MaxWaiting) { StallTimeout = settings.Watchdog.StallTimeout };
    }

    /// <summary>Limits of the sample at a training run's end: one sequence with room for the sample's prompt and answer.</summary>
    public static InferenceOptions SampleOptionsOf(RunPlan plan, ActorsSettings settings)
    {
        InferenceOptions served = OptionsOf(plan, settings);
        return served with { SlotsPerRank = 1, MaxLength = Math.Min(served.MaxLength, SamplePromptTokens + SampleTokens) };
    }

    /// <summary>
    /// The request for a short text that shows what a training run's model has learned: the beginning of the held-out text, or of what was
    /// trained on, to go on with.
    /// </summary>
    /// <returns>Null where the model's tokens are no text, or a sequence has no room for both.</returns>
    public static Infer? SampleOf(RunPlan training, ActorsSettings settings, ICorpus corpus)
    {
        int most = Math.Min(SamplePromptTokens, SampleOptionsOf(SamplePlanOf(training), settings).MaxLength / 2);
        return most > 0 && CanSpeak(training.Model, corpus.Tokenizer) && corpus.SamplePrompt(most) is { Length: > 0 } prompt
            ? RequestOf(prompt, settings.Inference with { MaxNewTokens = SampleTokens }) with { EndTokens = EndTokensOf(training.Model, corpus.Tokenizer) }
            : null;
    }

    private static ImmutableArray<int> EndTokensOf(ModelConfig model, ITokenizer tokenizer) =>
        model.EndTokenIds.Ids.IsEmpty && tokenizer.EndToken is { } end ? [end] : model.EndTokenIds.Ids;

    /// <summary>A sample and its answer as text.</summary>
    public static TextSample SampleText(ITokenizer tokenizer, Infer sample, StringBuilder answer) =>
        new(tokenizer.Decode(sample.Prompt.AsSpan()), answer.ToString());

    /// <summary>A request that goes on with a text.</summary>
    /// <param name="prompt">Its tokens.</param>
    /// <param name="settings">How to draw.</param>
    public static Infer RequestOf(int[] prompt, InferenceSettings settings) =>
        new([.. prompt], settings.MaxNewTokens, settings.Temperature, settings.TopP, (ulong)settings.Seed);

    /// <summary>The placement of a sample: the ranks of one group without a pipeline.</summary>
    public static RunPlan SamplePlanOf(RunPlan training) => PlanOf(training with { PipelineRanks = 1, DataGroups = 1 }).OnFittingDevices();

    /// <summary>A placement as it is served: few rows are sent at a time, and one channel carries them with the fewest messages.</summary>
    public static RunPlan PlanOf(RunPlan plan) =>
        plan with { Fabric = new FabricSettings(1, plan.Fabric.ChunkRows, plan.Fabric.SlotsPerRing), TraceCapacity = 0 };

    /// <summary>Starts serving values that someone else owns, or fresh ones that <paramref name="load"/> fills first.</summary>
    public static ServingSession Start(
        Composition composition, ActorSystem system, RunPlan plan, InferenceOptions options, OpenDevices devices, ITokenizer tokenizer, ModelWeights? weights = null,
        Action<ServingHost>? load = null)
    {
        var host = new ServingHost(plan, options, devices.Ranks, composition.Time, weights, composition.Telemetry);
        try
        {
            load?.Invoke(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new ServingSession(system, host, tokenizer, composition.Time);
    }

    /// <summary>
    /// Answers a short request that nobody reads, so that what compiles at its first use (a prefill, a decoding step, a draw)
    /// has done so before someone waits for a token.
    /// </summary>
    public async Task WarmUpAsync(InferenceSettings settings, CancellationToken stop)
    {
        int length = Math.Min(WarmUpPromptTokens, _host.Options.MaxLength / 2);
        if (length > 0)
        {
            // A failure is no answer to anyone: it shows again where it concerns a request.
            await Task.WhenAny(GenerateAsync(new int[length], settings with { MaxNewTokens = WarmUpTokens }, static _ => { }, stop));
        }
    }

    /// <summary>Goes on with a text.</summary>
    /// <param name="prompt">Its tokens.</param>
    /// <param name="settings">How to draw.</param>
    /// <param name="text">Is told of every piece of text.</param>
    /// <param name="stop">Asks to end after the present token.</param>
    /// <param name="echoesPrompt">Whether the prompt is told as the first piece of text.</param>
    /// <exception cref="UsageException">The prompt cannot be served.</exception>
    /// <exception cref="RunFailedException">Serving failed.</exception>
    public Task<InferenceEnded> GenerateAsync(
        int[] prompt, InferenceSettings settings, Action<string> text, CancellationToken stop, bool echoesPrompt = false) =>
        GenerateAsync(RequestOf(prompt, settings) with { EndTokens = _host.Plan.Model.EndTokenIds.Ids }, text, stop, echoesPrompt);

    /// <summary>Answers a request.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="text">Is told of every piece of text.</param>
    /// <param name="stop">Asks to end after the present token.</param>
    /// <param name="echoesPrompt">Whether the prompt is told as the first piece of text.</param>
    /// <exception cref="UsageException">The prompt cannot be served.</exception>
    /// <exception cref="RunFailedException">Serving failed.</exception>
    public async Task<InferenceEnded> GenerateAsync(Infer request, Action<string> text, CancellationToken stop, bool echoesPrompt = false)
    {
        var ended = new TaskCompletionSource<InferenceEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        (IActorRef gateway, ITokenizer tokenizer, Action<string> notice) = (_run.Gateway, _tokenizer, static _ => { });
        IActorRef listener = _system.ActorOf(Props.Create(() => new InferenceListener(gateway, tokenizer, request, text, notice, echoesPrompt, _time, ended)));
        using CancellationTokenRegistration stopping = stop.Register(() => listener.Tell(new InferenceListener.Stop(), ActorRefs.NoSender));
        try
        {
            return await ended.Task;
        }
        finally
        {
            _system.Stop(listener);
        }
    }

    /// <summary>Frees the memory; only after the system has terminated, since ranks use it until they have stopped.</summary>
    public void Dispose() => _host.Dispose();
}
