using Actors.Model.Tokenizers;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Serving;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>The leader's answer to a request for a model's tokenizer.</summary>
internal static class TokenizerAnswer
{
    /// <summary>Reads the requested piece on a background thread, since the disk blocks, and sends it, or the reason why there is none.</summary>
    public static void Begin(IActorContext context, ReadTokenizer read, IActorRef caller, ServingLeaderOptions options)
    {
        Func<string?, TokenizerFiles?> find = options.Serving.FindTokenizer;
        BackgroundSetup.Run(context, () => TokenizerRead.Of(read.From, find(read.From), read.At)).WaitAsync(options.PlaceTimeout, options.Time)
            .PipeTo(caller, context.Self, piece => piece, failure => new InferenceRefused(failure.Message));
    }
}
