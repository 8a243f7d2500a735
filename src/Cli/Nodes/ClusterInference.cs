using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Model.Tokenizers;
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
        var tokens = new int[request.Prompt.Length];
        ByteTokenizer.Encode(request.Prompt, tokens);
        var infer = new Infer(
            [.. tokens], request.Inference.MaxNewTokens, request.Inference.Temperature, request.Inference.TopP, (ulong)request.Inference.Seed);
        var ended = new TaskCompletionSource<InferenceEnded>(TaskCreationOptions.RunContinuationsAsynchronously);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef gateway = caller.System.ActorOf(Props.Create(() => new InferenceCaller(caller, request.Id, request.From, closed)), "gateway");
        IActorRef listener = caller.System.ActorOf(Props.Create(() =>
            new InferenceListener(gateway, infer, progress.TextGenerated, progress.Notice, request.EchoesPrompt, composition.Time, ended)));
        using CancellationTokenRegistration stopping = stop.Register(() => listener.Tell(new InferenceListener.Stop(), ActorRefs.NoSender));
        try
        {
            InferenceEnded end = await ended.Task;
            return new InferenceReport(
                tokens.Length, end.Tokens, TimeSpan.FromSeconds(end.PrefillSeconds), TimeSpan.FromSeconds(end.DecodeSeconds), end.Reason);
        }
        finally
        {
            await Task.WhenAny(closed.Task, Task.Delay(Farewell, composition.Time, CancellationToken.None));
        }
    }
}
