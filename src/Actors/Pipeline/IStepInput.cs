using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>The tokens of the present step, chunk by chunk: what a first stage embeds and how a chunk's rows are laid out.</summary>
internal interface IStepInput
{
    /// <summary>Micro-batches of a step.</summary>
    int MicroBatches { get; }

    /// <summary>Lays a chunk out: its sequences and the number of its rows.</summary>
    void Begin(IStream stream, ChunkActivations chunk, RunStep step, int microBatch, int expertRank);

    /// <summary>Token ids of a chunk, Int32 (1, tokens).</summary>
    Tensor Ids(int microBatch, int expertRank);
}
