using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Rows between ranks.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void CountDestinations(Tensor experts, int expertsPerRank, Tensor places, Tensor counts)
    {
        Checks.CountDestinations(experts, expertsPerRank, places, counts);
        _kernels.Exchanges.Count(Queue, experts, expertsPerRank, places, counts);
    }

    /// <inheritdoc/>
    public void PlaceRows(Tensor counts, int rank, int ranksPerNode, int capacity, Tensor places, Tensor received, Tensor tally)
    {
        Checks.PlaceRows(counts, rank, ranksPerNode, capacity, places, received, tally);
        _kernels.Exchanges.Place(Queue, counts, rank, ranksPerNode, capacity, places, received, tally);
    }

    /// <inheritdoc/>
    public void PushRows(Tensor x, Tensor places, ReadOnlySpan<Tensor> windows)
    {
        Checks.PushRows(x, places, windows);
        _kernels.Exchanges.Push(Queue, x, places, windows);
    }

    /// <inheritdoc/>
    public void PushChoices(
        Tensor experts, Tensor weights, int expertsPerRank, Tensor places, ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights)
    {
        Checks.PushChoices(experts, weights, expertsPerRank, places, windowExperts, windowWeights);
        _kernels.Exchanges.PushChoices(Queue, experts, weights, expertsPerRank, places, windowExperts, windowWeights);
    }

    /// <inheritdoc/>
    public void CollectSums(ReadOnlySpan<Tensor> windows, Tensor places, int ranksPerNode, Tensor y)
    {
        Checks.CollectSums(windows, places, ranksPerNode, y);
        _kernels.Exchanges.CollectSums(Queue, windows, places, ranksPerNode, y);
    }

    /// <inheritdoc/>
    public void CollectWeightGradients(ReadOnlySpan<Tensor> windows, Tensor experts, int expertsPerRank, Tensor places, Tensor dWeights)
    {
        Checks.CollectWeightGradients(windows, experts, expertsPerRank, places, dWeights);
        _kernels.Exchanges.CollectWeightGradients(Queue, windows, experts, expertsPerRank, places, dWeights);
    }

    /// <inheritdoc/>
    public void SumTensors(ReadOnlySpan<Tensor> parts, Tensor sum)
    {
        Checks.SumTensors(parts, sum);
        _kernels.Exchanges.SumTensors(Queue, parts, sum);
    }
}
