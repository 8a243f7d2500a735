using System.Collections.Immutable;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Training;
using Actors.Tensors;
using Actors.Tensors.Operations;
using Akka.Actor;
using MemoryPack;

namespace Actors.Runtime.Pipeline;

/// <summary>What a step is for.</summary>
public enum StepMode
{
    /// <summary>Forward and backward; gradients are collected.</summary>
    Train,

    /// <summary>Forward only: losses, and logits and expert choices where they are asked for.</summary>
    Evaluate,

    /// <summary>Forward only, over new prompts: fills their caches.</summary>
    Prefill,

    /// <summary>Forward only, one token of each running sequence, over the caches.</summary>
    Decode,
}

/// <summary>Where the stages of a run live; told to every stage once all exist.</summary>
/// <param name="Coordinator">Who is told of completions.</param>
/// <param name="Stages">The stage of each rank of the run.</param>
public sealed record PipelineAddresses(IActorRef Coordinator, IReadOnlyList<IActorRef> Stages) : INoSerializationVerificationNeeded;

/// <summary>A message that begins a step.</summary>
/// <param name="Step">Number of the step, for messages and traces.</param>
/// <param name="Mode">What the step is for.</param>
/// <param name="ChecksFinite">Whether every layer's output is searched for what is no finite number.</param>
public abstract record BeginStep(int Step, StepMode Mode, bool ChecksFinite);

/// <summary>Coordinator → stage: play the timetable once, a pass of a step, over tokens that the rank draws by the number of the step.</summary>
/// <param name="Step">Number of the step.</param>
/// <param name="Mode">Whether it trains or evaluates.</param>
/// <param name="Sequences">Sequences of the pass over all data groups, at most the plan's.</param>
/// <param name="LossScales">
/// Factors of the gradients of the model's losses, 1 / tokens with a target in the whole step, and of each prediction module's, weight / its targets.
/// </param>
/// <param name="BalanceScale">Factor of the balance loss's gradient, weight / sequences of the whole step; 0: there is none.</param>
/// <param name="Capture">Whether logits and expert choices are kept for the caller.</param>
/// <param name="ChecksFinite">Whether every layer's output is searched for what is no finite number.</param>
/// <param name="Batch">Tokens that are given instead of drawn; null: draw.</param>
/// <param name="HeldOutBatch">Number of the batch of held-out text to draw, from 0; null: draw the step's.</param>
/// <param name="FirstSequence">Number in the step of the pass's first sequence; 0: it is the first pass, and begins gradients and loads anew, to which the others add.</param>
[MemoryPackable]
public sealed partial record RunStep(
    int Step, StepMode Mode, int Sequences, ImmutableArray<float> LossScales, float BalanceScale, bool Capture, bool ChecksFinite = false, TokenBatch? Batch = null, int? HeldOutBatch = null,
    int FirstSequence = 0)
    : BeginStep(Step, Mode, ChecksFinite), IControlMessage;

/// <summary>The tokens of a batch.</summary>
/// <param name="Ids">Token ids (sequences, length), row by row.</param>
/// <param name="Targets">Targets, as many; −1 counts nothing.</param>
[MemoryPackable]
public sealed partial record TokenBatch(ImmutableArray<int> Ids, ImmutableArray<int> Targets);

/// <summary>Stage → coordinator: the timetable has been played.</summary>
/// <param name="Rank">Rank of the whole run.</param>
/// <param name="Step">The step.</param>
/// <param name="Losses">Sum of the token losses of each micro-batch and depth, in float64; empty where the rank has no output head.</param>
/// <param name="BalanceSum">The balance loss of the rank's layers and sequences, see <see cref="Model.Training.BalanceLoss.Sum"/>; 0 without it.</param>
/// <param name="Load">Tokens that chose each expert at this rank: layers one after the other; empty without experts.</param>
/// <param name="Times">Where the rank's time went.</param>
/// <param name="MaxNodesOfToken">Most nodes that a token of this rank reached.</param>
/// <param name="NodesOfTokens">Nodes that its tokens reached, added up over tokens and layers.</param>
/// <param name="FirstNonFinitePart">
/// The first part of the model whose output at this rank is not finite: 0 the embedding, 1 + layer, those of prediction modules last, then the output head;
/// null where all is, or nobody looked.
/// </param>
/// <param name="HadRoom">Whether the windows of the rank had room for all rows: else the step has left rows out and must be repeated.</param>
[MemoryPackable]
public sealed partial record StagePlayed(
    int Rank, int Step, ImmutableArray<MicroBatchLoss> Losses, long BalanceSum, ImmutableArray<LayerLoad> Load, RankTimes Times, int MaxNodesOfToken, long NodesOfTokens,
    int? FirstNonFinitePart = null, bool HadRoom = true) : IControlMessage;

/// <summary>The loss of one micro-batch at one rank.</summary>
/// <param name="MicroBatch">Micro-batch.</param>
/// <param name="Depth">0: of the model; k: of prediction module k.</param>
/// <param name="Sum">Sum of the token losses in nats.</param>
public readonly record struct MicroBatchLoss(int MicroBatch, int Depth, double Sum);

/// <summary>How many tokens chose each expert of a layer.</summary>
/// <param name="Layer">Layer of the model.</param>
/// <param name="Counts">A count an expert.</param>
[MemoryPackable]
public sealed partial record LayerLoad(int Layer, ImmutableArray<long> Counts);

/// <summary>Where a rank's time of a step went, in ticks of the time provider.</summary>
/// <param name="Total">From the start of the step to its end.</param>
/// <param name="Compute">Own components.</param>
/// <param name="Experts">Waiting for the own shard to compute.</param>
/// <param name="ExposedCommunication">Waiting for rows that all ranks had begun to send.</param>
/// <param name="Skew">Waiting for rows that a rank had not yet begun to send.</param>
/// <param name="Bubble">Waiting for another stage.</param>
/// <param name="Communication">Rows under way.</param>
/// <param name="PairCommunication">Those of them that a component of an overlapped pair began.</param>
/// <param name="Device">
/// Time in which the rank's device ran its components, by the device's clock; 0: it was not measured. Where it was, <see cref="Compute"/> and
/// <see cref="Experts"/> are its parts, and waiting counts where the device had nothing to run.
/// </param>
public readonly record struct RankTimes(
    long Total, long Compute, long Experts, long ExposedCommunication, long Skew, long Bubble, CommunicationTime Communication,
    CommunicationTime PairCommunication, long Device = 0)
{
    /// <summary>The share of the time in which the device had nothing to run, 0 to 1; null: it was not measured.</summary>
    public double? DeviceIdleShare => Device > 0 && Total > 0 ? Math.Max(0, 1 - ((double)Device / Total)) : null;

    /// <summary>The sums of both.</summary>
    public static RankTimes operator +(RankTimes a, RankTimes b) => new(
        a.Total + b.Total, a.Compute + b.Compute, a.Experts + b.Experts, a.ExposedCommunication + b.ExposedCommunication, a.Skew + b.Skew,
        a.Bubble + b.Bubble, a.Communication + b.Communication, a.PairCommunication + b.PairCommunication, a.Device + b.Device);
}

/// <summary>Stage → stage: the rows of a micro-batch.</summary>
internal sealed record ActivationArrived(int Stage, int MicroBatch) : FrameMessage;

/// <summary>Stage → stage: the gradient of a micro-batch's rows.</summary>
internal sealed record GradientArrived(int Stage, int MicroBatch) : FrameMessage;

/// <summary>Stage → stage: the sum of a block's gradients over the ranks before, or over all (at the block's owner).</summary>
/// <param name="Block">Number of the block in the model.</param>
/// <param name="IsWhole">Whether all ranks are in it. The frame has no rows where no rank had anything to add.</param>
internal sealed record BlockSumArrived(int Block, bool IsWhole) : FrameMessage;

/// <summary>Stage → stage: the updated values of a block.</summary>
/// <param name="Block">Number of the block in the model.</param>
internal sealed record BlockValuesArrived(int Block) : FrameMessage;

/// <summary>
/// Stage → stage: the blocks that I own are updated when my stream has reached this mark; read them where they lie. Made once and sent again after each update.
/// </summary>
/// <param name="Rank">The owner.</param>
/// <param name="Mark">Behind its update.</param>
internal sealed record ValuesUpdated(int Rank, StreamMark Mark) : INoSerializationVerificationNeeded;

/// <summary>Link → the stage that used it: the sum of a block that the rank owns has been written.</summary>
/// <param name="Place">Place among the owned blocks.</param>
/// <param name="Read">The frame that was read for it.</param>
/// <param name="IsZero">Whether no rank had anything to add.</param>
internal sealed record BlockSummed(int Place, Frame Read, bool IsZero) : INoSerializationVerificationNeeded;

/// <summary>Coordinator → stage: sum the gradients of the blocks that the rank owns over all ranks that hold them.</summary>
[MemoryPackable]
public sealed partial record ReduceGradients : IControlMessage;

/// <summary>Stage → coordinator: its blocks are summed, and whoever keeps copies of them has the sums. All of these together are the step's commit.</summary>
/// <param name="Rank">Rank of the whole run.</param>
/// <param name="Squares">Sum of squares of each owned block, by its number in the model.</param>
[MemoryPackable]
public sealed partial record GradientsReduced(int Rank, ImmutableArray<BlockSquares> Squares) : IControlMessage;

/// <summary>Sum of the squares of a block's gradient.</summary>
/// <param name="Block">Number of the block in the model.</param>
/// <param name="Sum">Sum in float64.</param>
public readonly record struct BlockSquares(int Block, double Sum);

/// <summary>Coordinator → stage: update the blocks that the rank owns.</summary>
/// <param name="Numbers">AdamW's numbers, clipping included.</param>
/// <param name="Step">The step's results, with the load of every layer summed over all ranks: who finishes the step without the coordinator tells them.</param>
/// <param name="BiasUpdateSpeed">γ of the correction bias, 0 to leave it.</param>
[MemoryPackable]
public sealed partial record ApplyUpdate(AdamWStep Numbers, StepCompleted Step, float BiasUpdateSpeed) : IControlMessage;

/// <summary>Stage → coordinator: its blocks are updated.</summary>
[MemoryPackable]
public sealed partial record UpdateApplied : IControlMessage;

/// <summary>Coordinator → stage: say what you wait for.</summary>
[MemoryPackable]
public sealed partial record DescribeState : IControlMessage;

/// <summary>Stage → coordinator: where it stands.</summary>
/// <param name="Rank">Rank of the whole run.</param>
/// <param name="Moves">Grows with everything that it does or that reaches it: unchanged, nothing has moved.</param>
/// <param name="LacksRows">Whether it waits for rows of the fabric, and not only for another stage.</param>
/// <param name="Text">What it waits for, in words.</param>
[MemoryPackable]
public sealed partial record StateDescribed(int Rank, long Moves, bool LacksRows, string Text) : IControlMessage;
