using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// Where stages of one data-parallel group hand rows over: the sender lays a tensor of the pool down and sends the message that
/// names it, and from then on it is the receiver's, who gives it back to the pool. In one process the hop copies nothing.
/// </summary>
public sealed class PipelineMemory
{
    private readonly Tensor[] _activations;
    private readonly Tensor[] _gradients;
    private readonly int _microBatches;
    private readonly int _expertRanks;

    /// <summary>Makes room for one tensor a stage, micro-batch, expert rank and direction.</summary>
    /// <param name="pool">Lends the tensors.</param>
    /// <param name="stages">Stages that a micro-batch passes.</param>
    /// <param name="microBatches">Micro-batches of a step.</param>
    /// <param name="expertRanks">Ranks of an expert group.</param>
    public PipelineMemory(TensorPool pool, int stages, int microBatches, int expertRanks)
    {
        Pool = pool;
        _microBatches = microBatches;
        _expertRanks = expertRanks;
        _activations = new Tensor[stages * microBatches * expertRanks];
        _gradients = new Tensor[_activations.Length];
    }

    /// <summary>Lends the tensors.</summary>
    public TensorPool Pool { get; }

    /// <summary>Lays down the input rows of <paramref name="stage"/>.</summary>
    public void PutActivation(int stage, int microBatch, int expertRank, Tensor rows) =>
        _activations[Index(stage, microBatch, expertRank)] = rows;

    /// <summary>Takes the input rows of <paramref name="stage"/>.</summary>
    public Tensor TakeActivation(int stage, int microBatch, int expertRank) => Take(_activations, stage, microBatch, expertRank);

    /// <summary>Lays down the gradient of the output rows of <paramref name="stage"/>.</summary>
    public void PutGradient(int stage, int microBatch, int expertRank, Tensor rows) =>
        _gradients[Index(stage, microBatch, expertRank)] = rows;

    /// <summary>Takes the gradient of the output rows of <paramref name="stage"/>.</summary>
    public Tensor TakeGradient(int stage, int microBatch, int expertRank) => Take(_gradients, stage, microBatch, expertRank);

    private Tensor Take(Tensor[] tensors, int stage, int microBatch, int expertRank)
    {
        ref Tensor place = ref tensors[Index(stage, microBatch, expertRank)];
        Tensor rows = place;
        place = default;
        return rows;
    }

    private int Index(int stage, int microBatch, int expertRank) => (((stage * _microBatches) + microBatch) * _expertRanks) + expertRank;
}
