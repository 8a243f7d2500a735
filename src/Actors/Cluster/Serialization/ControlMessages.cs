using System.Collections.Frozen;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Copies;
using Actors.Runtime.Training.Results;
using Akka.Actor;
using MemoryPack;
using MemoryPack.Formatters;

namespace Actors.Runtime.Cluster.Serialization;

/// <summary>Every message that may cross between processes, by type and by the name that it has there.</summary>
internal static class ControlMessages
{
    private static readonly ControlManifest[] All =
    [
        new ControlManifest<PlaceRanks>("place-ranks.1"),
        new ControlManifest<RankPlaced>("rank-placed.1"),
        new ControlManifest<ConnectRanks>("connect-ranks.1"),
        new ControlManifest<RanksConnected>("ranks-connected.1"),
        new ControlManifest<RankFailed>("rank-failed.1"),
        new ControlManifest<Introduce>("introduce.1"),
        new ControlManifest<ProcessIntroduced>("process-introduced.4"),
        new ControlManifest<PrepareShare>("prepare-share.2"),
        new ControlManifest<SharePrepared>("share-prepared.1"),
        new ControlManifest<ShareRefused>("share-refused.1"),
        new ControlManifest<HoldShare>("hold-share.1"),
        new ControlManifest<ShareHolding>("share-holding.1"),
        new ControlManifest<ShareHeld>("share-held.2"),
        new ControlManifest<FinishUpdate>("finish-update.2"),
        new ControlManifest<DropShare>("drop-share.1"),
        new ControlManifest<ShareDropping>("share-dropping.1"),
        new ControlManifest<ShareDropped>("share-dropped.1"),
        new ControlManifest<PeerLost>("peer-lost.1"),
        new ControlManifest<TrainRun>("train-run.1"),
        new ControlManifest<WatchRun>("watch-run.1"),
        new ControlManifest<Watching>("watching.1"),
        new ControlManifest<DescribeCluster>("describe-cluster.1"),
        new ControlManifest<ClusterDescribed>("cluster-described.2"),
        new ControlManifest<RunNotice>("run-notice.1"),
        new ControlManifest<LeaveCluster>("leave-cluster.1"),
        new ControlManifest<DownProcess>("down-process.1"),
        new ControlManifest<OperatorAnswered>("operator-answered.1"),
        new ControlManifest<LeaveNow>("leave-now.1"),
        new ControlManifest<SaveBlocks>("save-blocks.1"),
        new ControlManifest<BlocksSaved>("blocks-saved.1"),
        new ControlManifest<CheckpointSaved>("checkpoint-saved.1"),
        new ControlManifest<CheckpointFailed>("checkpoint-failed.1"),
        new ControlManifest<RunStep>("run-step.3"),
        new ControlManifest<StagePlayed>("stage-played.3"),
        new ControlManifest<ReduceGradients>("reduce-gradients.1"),
        new ControlManifest<GradientsReduced>("gradients-reduced.1"),
        new ControlManifest<ApplyUpdate>("apply-update.2"),
        new ControlManifest<UpdateApplied>("update-applied.1"),
        new ControlManifest<DescribeState>("describe-state.1"),
        new ControlManifest<StateDescribed>("state-described.1"),
        new ControlManifest<Train>("train.1"),
        new ControlManifest<StopTraining>("stop-training.1"),
        new ControlManifest<StepCompleted>("step-completed.2"),
        new ControlManifest<TrainingEnded>("training-ended.2"),
        new ControlManifest<MeasureHeldOut>("measure-held-out.1"),
        new ControlManifest<HeldOutMeasured>("held-out-measured.1"),
        new ControlManifest<RunBatch>("run-batch.1"),
        new ControlManifest<BatchCompleted>("batch-completed.1"),
        new ControlManifest<RunFailed>("run-failed.1"),
        new ControlManifest<ReadLogits>("read-logits.1"),
        new ControlManifest<ReadExperts>("read-experts.1"),
        new ControlManifest<ReadGradient>("read-gradient.1"),
        new ControlManifest<ReadTrace>("read-trace.1"),
        new ControlManifest<ReadTraffic>("read-traffic.1"),
        new ControlManifest<ElementsRead>("elements-read.1"),
        new ControlManifest<EventsRead>("events-read.1"),
        new ControlManifest<RankTraffic>("rank-traffic.1"),
        new ControlManifest<ResultRefused>("result-refused.1"),
        new ControlManifest<BeginInference>("begin-inference.1"),
        new ControlManifest<PromptPiece>("prompt-piece.1"),
        new ControlManifest<RenewInference>("renew-inference.1"),
        new ControlManifest<CancelInference>("cancel-inference.1"),
        new ControlManifest<InferenceStanding>("inference-standing.1"),
        new ControlManifest<InferenceUnknown>("inference-unknown.1"),
        new ControlManifest<AnswerTokens>("answer-tokens.1"),
        new ControlManifest<ReadTokenizer>("read-tokenizer.1"),
        new ControlManifest<TokenizerRead>("tokenizer-read.1"),
        new ControlManifest<Infer>("infer.2"),
        new ControlManifest<TokenGenerated>("token-generated.1"),
        new ControlManifest<InferenceEnded>("inference-ended.1"),
        new ControlManifest<InferenceRefused>("inference-refused.1"),
        new ControlManifest<InferenceFailed>("inference-failed.1"),
    ];

    private static readonly Action[] Parts =
    [
        Register<HeldRun>, Register<PlanSizes>, Register<ProcessDescription>, Register<ProcessShare>, Register<ProcessState>, Register<LayerLoad>, Register<TokenBatch>,
    ];

    private static readonly FrozenDictionary<Type, ControlManifest> ByType = All.ToFrozenDictionary(manifest => manifest.Message);
    private static readonly FrozenDictionary<string, ControlManifest> ByName = All.ToFrozenDictionary(manifest => manifest.Name, StringComparer.Ordinal);

    static ControlMessages()
    {
        MemoryPackFormatterProvider.Register(new ActorRefFormatter());
        MemoryPackFormatterProvider.Register(new ImmutableArrayFormatter<IActorRef>());

        // All formatters are made here, by one thread. MemoryPack makes one at its first use otherwise, and says that it is there before it
        // is: of two threads that read the first messages of a kind, one would find none.
        Array.ForEach(All, static manifest => manifest.Register());
        Array.ForEach(Parts, static register => register());
    }

    /// <summary>Types inside of messages.</summary>
    public static IEnumerable<Type> PartTypes => Parts.Select(register => register.Method.GetGenericArguments()[0]);


    /// <summary>The types.</summary>
    public static IEnumerable<Type> Types => ByType.Keys;

    private static void Register<T>()
        where T : IMemoryPackFormatterRegister => MemoryPackFormatterProvider.Register<T>();

    /// <summary>What a message of a type is called; null for a type that stands in no list.</summary>
    public static ControlManifest? Of(Type message) => ByType.GetValueOrDefault(message);

    /// <summary>The message of a name; null for a name that this version does not know.</summary>
    public static ControlManifest? Of(string name) => ByName.GetValueOrDefault(name);
}
