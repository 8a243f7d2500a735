using Actors.Model.Tokenizers;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Serving;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>How the leader answers who asks for a model's tokenizer.</summary>
internal static class TokenizerAnswer
{
    /// <summary>Reads the piece that is asked for, aside, since that waits for the disk, and sends it; or why there is none.</summary>
    public static void Begin(IActorContext context, ReadTokenizer read, IActorRef caller, ServingLeaderOptions options)
    {
        Func<string?, TokenizerFiles?> find = options.Serving.FindTokenizer;
        BackgroundSetup.Run(context, () => TokenizerRead.Of(read.From, find(read.From), read.At)).WaitAsync(options.PlaceTimeout, options.Time)
            .PipeTo(caller, context.Self, piece => piece, failure => new InferenceRefused(failure.Message));
    }
}
