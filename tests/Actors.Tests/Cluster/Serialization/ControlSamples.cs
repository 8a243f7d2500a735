using System.Collections.Immutable;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Copies;
using Actors.Runtime.Training.Results;
using Actors.Tensors.Operations;
using Akka.Actor;

namespace Actors.Runtime.Tests.Cluster.Serialization;

/// <summary>A message of every type that may cross between processes, with no field at its default.</summary>
internal static class ControlSamples
{
    public static IEnumerable<IControlMessage> Of(IActorRef one, IActorRef other)
    {
        ImmutableArray<LayerLoad> load = [new(1, [3, 4]), new(2, [5, long.MaxValue])];
        var times = new RankTimes(1, 2, 3, 4, 5, 6, new CommunicationTime(7, 8), new CommunicationTime(9, 10));
        var trace = new Component(ComponentKind.EndWeights, 1, 2, 3, IsPaired: true);
        var order = new TrainRun("/runs/one", "run");
        var step = new StepCompleted(4, 2.5, 0.75, 1e-3, 4096, 1.5, times, load, 3, 1.75, [2.75, 3], 0.125);
        var update = new ApplyUpdate(new AdamWStep(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 4, 0.5f), step, 0.001f);
        return
        [
            new Introduce([1, 2, 3]),
            new ProcessIntroduced(new ProcessDescription("a:1", "a", "hash", "10.0.0.1", 4054, 8, new HeldRun(2, order, 1, [new ProcessShare("a:1", "a", "10.0.0.1", 4054, [0, 1])], new PlanSizes(1, 2, 3, 4))), [4, 5]),
            new PrepareShare(3, 1, [new ProcessShare("a:1", "a", "10.0.0.1", 4054, [0, 1]), new ProcessShare("b:1", "b", "10.0.0.2", 4055, [2])], "/runs/one/step-3", order, new PlanSizes(5, 6, 7, 8)),
            new SharePrepared(3, 1, [one, other], other),
            new ShareRefused(3, 1, "no memory"),
            new HoldShare(3, 1),
            new ShareHolding(3),
            new ShareHeld(3, 1, 4, update, [step], "a rank has failed", one),
            new FinishUpdate(update),
            new DropShare(3),
            new ShareDropping(3),
            new ShareDropped(3),
            new PeerLost(3, 1, 2, "reset"),
            order,
            new WatchRun(7),
            new Watching(["akka.tcp://actors@a:1"], 100, 8),
            new DescribeCluster(),
            new ClusterDescribed([new ProcessState("akka.tcp://actors@a:1", "a:1", "training", [0, 1], "cpu")], "trains"),
            new RunNotice("placed again"),
            new LeaveCluster("a:1"),
            new DownProcess("a:1"),
            new OperatorAnswered("a:1 leaves", IsRefused: true),
            new LeaveNow(),
            new SaveBlocks("/runs/one/step-3.tmp", 1, [0, 1, 1]),
            new BlocksSaved("the disk is full"),
            new CheckpointSaved(3, "/runs/one/step-3", 0.5),
            new CheckpointFailed(3, "the disk is full", "at Somewhere()"),
            new PlaceRanks([0, 3, 7]),
            new RankPlaced(3, one),
            new ConnectRanks(),
            new RanksConnected(4),
            new RankFailed(2, "shard of layer 3: no memory", "at Somewhere()\n at Elsewhere()"),
            new RunStep(4, StepMode.Evaluate, 8, [0.25f, 0.125f], 0.5f, Capture: true, ChecksFinite: true, new TokenBatch([1, 2, 3], [2, 3, -1]), HeldOutBatch: 5, FirstSequence: 2),
            new StagePlayed(1, 4, [new MicroBatchLoss(1, 0, 2.5), new MicroBatchLoss(3, 1, 1.25)], 1L << 40, load, times, 4, 700, FirstNonFinitePart: 2),
            new ReduceGradients(),
            new GradientsReduced(1, [new BlockSquares(2, 0.5), new BlockSquares(9, 1e-300)]),
            update,
            new UpdateApplied(),
            new DescribeState(),
            new StateDescribed(1, 77, LacksRows: true, "waits for rows: 3 of 5"),
            new Train(9, 3),
            new StopTraining(),
            step,
            new TrainingEnded(9, 2.25, new Infer([5, 6], 20, 0.5, 0.9, 42)),
            new MeasureHeldOut(),
            new HeldOutMeasured(9, 2.25),
            new RunBatch([1, 2], [2, -1], Gradients: true, Capture: true),
            new BatchCompleted(1.5, 7, [1.75]),
            new RunFailed("the loss is NaN", 3, "at Somewhere()", "run/step-3", "the disk is full"),
            new ReadLogits(3, 2, 1, 1L << 40, 16_384),
            new ReadExperts(3, 2, 1, 1L << 40, 16_384),
            new ReadGradient(3, 17, 1L << 40, 16_384),
            new ReadTrace(3, 1_000),
            new ReadTraffic(3),
            new ElementsRead([1, 2, 3]),
            new EventsRead([new TraceEvent(TraceKind.Wait, trace, 3, 4)], 2_000, 5),
            new RankTraffic(new RowTraffic(1, 2, 3), new RowTraffic(4, 5, 6), new RowTraffic(7, 8, 9)),
            new ResultRefused("rank 3 has kept none"),
            new BeginInference("request", "/runs/one", 5, 2, [1, 2, 3], 20, 0.5, 0.9, 42),
            new PromptPiece("request", 3, [4, 5]),
            new RenewInference("request", 7),
            new CancelInference("request"),
            new InferenceStanding(["akka.tcp://actors@a:1"], 3, "/runs/one"),
            new InferenceUnknown("request"),
            new AnswerTokens(7, [8, 9]),
            new ReadTokenizer("/runs/one", 5),
            new TokenizerRead("/runs/one", "/runs/one/tokenizer.json", 7, 9, [1, 2, 3], 5, [4, 5]),
            new Infer([5, 6], 20, 0.5, 0.9, 42) { EndTokens = [1, 2], Answered = [7, 8] },
            new TokenGenerated(17),
            new InferenceEnded(EndReason.EndToken, 12, 0.5, 1.5),
            new InferenceRefused("the prompt has 0 tokens: give at least one"),
            new InferenceFailed("rank 3 failed", "at Somewhere()"),
        ];
    }
}
