using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Peers;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Copies;

namespace Actors.Runtime.Cluster.Links;

/// <summary>
/// The messages that frames for stages become, each made once and told again in every step: see <see cref="FrameMessage"/>. Those of frames
/// with rows are used by the reader of their lane alone; the others never change.
/// </summary>
/// <param name="plan">The run.</param>
/// <param name="blocks">Blocks of the model.</param>
internal sealed class ArrivedMessages(RunPlan plan, int blocks)
{
    private readonly int _stages = plan.Stages;
    private readonly ActivationArrived?[]?[] _activations = new ActivationArrived?[plan.Ranks][];
    private readonly GradientArrived?[]?[] _gradients = new GradientArrived?[plan.Ranks][];
    private readonly BlockSumArrived?[]?[] _sums = new BlockSumArrived?[plan.Ranks][];
    private readonly BlockValuesArrived?[]?[] _values = new BlockValuesArrived?[plan.Ranks][];
    private readonly BlockCopyArrived?[]?[] _copies = new BlockCopyArrived?[plan.Ranks][];
    private readonly BlockCopied?[] _copied = new BlockCopied?[blocks];
    private readonly FrameReleased?[] _released = new FrameReleased?[plan.Ranks];

    /// <summary>Rows of a micro-batch for a rank.</summary>
    public ActivationArrived Activation(int rank, int stage, int microBatch) =>
        Of(_activations, rank, ChunkOf(stage, microBatch), _stages * plan.MicroBatches) ??= new ActivationArrived(stage, microBatch);

    /// <summary>Their gradient.</summary>
    public GradientArrived Gradient(int rank, int stage, int microBatch) =>
        Of(_gradients, rank, ChunkOf(stage, microBatch), _stages * plan.MicroBatches) ??= new GradientArrived(stage, microBatch);

    /// <summary>A block's sum of gradients.</summary>
    public BlockSumArrived Sum(int rank, int block, bool isWhole) =>
        Of(_sums, rank, (2 * BlockOf(block)) + (isWhole ? 1 : 0), 2 * blocks) ??= new BlockSumArrived(block, isWhole);

    /// <summary>A block's values.</summary>
    public BlockValuesArrived Values(int rank, int block) => Of(_values, rank, BlockOf(block), blocks) ??= new BlockValuesArrived(block);

    /// <summary>A block's sum for the copy that a rank keeps; the block has one owner.</summary>
    public BlockCopyArrived Copy(int rank, int owner, int block)
    {
        ref BlockCopyArrived? copy = ref Of(_copies, rank, BlockOf(block), blocks);
        copy ??= new BlockCopyArrived(owner, block);
        return copy.Owner == owner ? copy : throw new FrameRefusedException($"a frame names rank {owner} as the owner of block {block}, which rank {copy.Owner} owns");
    }

    /// <summary>A block is copied.</summary>
    public BlockCopied Copied(int block) => _copied[BlockOf(block)] ??= new BlockCopied(block);

    /// <summary>A rank has read a frame.</summary>
    public FrameReleased Released(int receiver) => _released[FrameReceiver.Within(receiver, plan.Ranks, "rank")] ??= new FrameReleased(receiver);

    private static ref T? Of<T>(T?[]?[] messages, int rank, int number, int count)
        where T : class => ref (messages[rank] ??= new T?[count])[number];

    private int ChunkOf(int stage, int microBatch) =>
        (FrameReceiver.Within(stage, _stages, "stage") * plan.MicroBatches) + FrameReceiver.Within(microBatch, plan.MicroBatches, "micro-batch");

    private int BlockOf(int block) => FrameReceiver.Within(block, blocks, "block");
}
