using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Rows between ranks that wait for flags.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void DispatchTokens(
        ExchangeFlags flags, int rank, int ranksPerNode, Tensor x, Tensor experts, Tensor weights, int expertsPerRank, ReadOnlySpan<Tensor> windows,
        ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights, Tensor places, Tensor tally)
    {
        Checks.DispatchTokens(flags, rank, ranksPerNode, x, experts, weights, expertsPerRank, windows, windowExperts, windowWeights, places, tally);
        _kernels.Flags.Dispatch(
            Queue, (CudaFlags)flags, rank, ranksPerNode, x, experts, weights, expertsPerRank, windows, windowExperts, windowWeights, places, tally);
    }

    /// <inheritdoc/>
    public void CombineTokens(ExchangeFlags flags, int rank, int ranksPerNode, ReadOnlySpan<Tensor> partials, Tensor places, Tensor y)
    {
        Checks.CombineTokens(flags, rank, ranksPerNode, partials, places, y);
        _kernels.Flags.Combine(Queue, (CudaFlags)flags, rank, ranksPerNode, partials, places, y);
    }

    /// <summary>Enqueues to set memory to zero.</summary>
    internal void Clear(DeviceMemory memory)
    {
        RefuseInRecording();
        Queue.Fill(memory.Address, 0, memory.Bytes);
    }
}
