using System.Collections.Immutable;
using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Model.Tokenizers;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Reports;
using Akka.Actor;

namespace Actors.Cli.Nodes;

/// <summary>Has a cluster go on with a text and shows the answer, as if the model were here.</summary>
internal sealed class ClusterInference(Composition composition, ClusterCaller caller, ClusterInferRequest request, IRunProgress progress)
{
    /// <summary>How long a stopped request waits until the cluster knows.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    public async Task<InferenceReport> RunAsync(CancellationToken stop)
    {
        ClusterTokenizer model = await ClusterTokenizer.ReadAsync(caller, [], request.From);
        Infer infer = ServingSession.RequestOf(model.Tokenizer.EncodePrompt(request.Prompt), request.Inference);
        InferenceEnded end = await AskAsync(
            caller, [], request.Id, model, infer, progress.TextGenerated, progress.Notice, request.EchoesPrompt, composition.Time, stop);
        return new InferenceReport(
            infer.Prompt.Length, end.Tokens, TimeSpan.FromSeconds(end.PrefillSeconds), TimeSpan.FromSeconds(end.DecodeSeconds), end.Reason);
    }

    /// <summary>Asks a cluster to go on with a prompt, whose tokens are those of the model's tokenizer.</summary>
    /// <exception cref="UsageException">The prompt cannot be served.</exception>
    /// <exception cref="RunFailedException">Serving failed.</exception>
    public static async Task<InferenceEnded> AskAsync(
        ClusterCaller caller, ImmutableArray<string> processes, string id, ClusterTokenizer model, Infer infer, Action<string> text, Action<string> notice,
        bool echoesPrompt, TimeProvider time, CancellationToken stop)
    {
        var ended = new TaskCompletionSource<InferenceEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (ITokenizer tokenizer, string? from) = (model.Tokenizer, model.From);
        (Func<string, ICanTell> frontAt, Action close) = (address => caller.FrontAt(address), () => closed.TrySetResult());
        IActorRef gateway = caller.System.ActorOf(
            Props.Create(() => new InferenceCaller(caller.Address, processes, frontAt, id, from, caller.NobodyAnswers().Message, close)), "gateway");
        IActorRef listener = caller.System.ActorOf(Props.Create(() =>
            new InferenceListener(gateway, tokenizer, infer, text, notice, echoesPrompt, time, ended)));
        using CancellationTokenRegistration stopping = stop.Register(() => listener.Tell(new InferenceListener.Stop(), ActorRefs.NoSender));
        try
        {
            return await ended.Task;
        }
        finally
        {
            await Task.WhenAny(closed.Task, Task.Delay(Farewell, time, CancellationToken.None));
        }
    }
}
