using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <content>Its rows between ranks.</content>
internal sealed partial class SimulatedStream
{
    /// <inheritdoc/>
    public void CountDestinations(Tensor experts, int expertsPerRank, Tensor places, Tensor counts) =>
        Run(Operation.CountDestinations, places, () => _inner.CountDestinations(experts, expertsPerRank, places, counts));

    /// <inheritdoc/>
    public void PlaceRows(Tensor counts, int rank, int ranksPerNode, int capacity, Tensor places, Tensor received, Tensor tally) =>
        Run(Operation.PlaceRows, places, () => _inner.PlaceRows(counts, rank, ranksPerNode, capacity, places, received, tally));

    /// <inheritdoc/>
    public void PushRows(Tensor x, Tensor places, ReadOnlySpan<Tensor> windows)
    {
        Tensor[] to = windows.ToArray();
        Run(Operation.PushRows, x, () => _inner.PushRows(x, places, to));
    }

    /// <inheritdoc/>
    public void PushChoices(
        Tensor experts, Tensor weights, int expertsPerRank, Tensor places, ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights)
    {
        (Tensor[] toExperts, Tensor[] toWeights) = (windowExperts.ToArray(), windowWeights.ToArray());
        Run(Operation.PushChoices, weights, () => _inner.PushChoices(experts, weights, expertsPerRank, places, toExperts, toWeights));
    }

    /// <inheritdoc/>
    public void CollectSums(ReadOnlySpan<Tensor> windows, Tensor places, int ranksPerNode, Tensor y)
    {
        Tensor[] from = windows.ToArray();
        Run(Operation.CollectSums, y, () => _inner.CollectSums(from, places, ranksPerNode, y));
    }

    /// <inheritdoc/>
    public void CollectWeightGradients(ReadOnlySpan<Tensor> windows, Tensor experts, int expertsPerRank, Tensor places, Tensor dWeights)
    {
        Tensor[] from = windows.ToArray();
        Run(Operation.CollectWeightGradients, dWeights, () => _inner.CollectWeightGradients(from, experts, expertsPerRank, places, dWeights));
    }

    /// <inheritdoc/>
    public void SumTensors(ReadOnlySpan<Tensor> parts, Tensor sum)
    {
        Tensor[] from = parts.ToArray();
        Run(Operation.SumTensors, sum, () => _inner.SumTensors(from, sum));
    }
}
