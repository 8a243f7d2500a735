using Actors.Tensors;

namespace Actors.Cpu.Simd;

/// <summary>Rows between ranks.</summary>
internal sealed partial class SimdStream
{
    /// <inheritdoc/>
    public void CountDestinations(Tensor experts, int expertsPerRank, Tensor places, Tensor counts) =>
        HostExchange.CountDestinations(experts, expertsPerRank, places, counts);

    /// <inheritdoc/>
    public void PlaceRows(Tensor counts, int rank, int ranksPerNode, int capacity, Tensor places, Tensor received, Tensor tally) =>
        HostExchange.PlaceRows(counts, rank, ranksPerNode, capacity, places, received, tally);

    /// <inheritdoc/>
    public void PushRows(Tensor x, Tensor places, ReadOnlySpan<Tensor> windows) => HostExchange.PushRows(x, places, windows);

    /// <inheritdoc/>
    public void PushChoices(
        Tensor experts, Tensor weights, int expertsPerRank, Tensor places, ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights) =>
        HostExchange.PushChoices(experts, weights, expertsPerRank, places, windowExperts, windowWeights);

    /// <inheritdoc/>
    public void CollectSums(ReadOnlySpan<Tensor> windows, Tensor places, int ranksPerNode, Tensor y) =>
        HostExchange.CollectSums(windows, places, ranksPerNode, y);

    /// <inheritdoc/>
    public void CollectWeightGradients(ReadOnlySpan<Tensor> windows, Tensor experts, int expertsPerRank, Tensor places, Tensor dWeights) =>
        HostExchange.CollectWeightGradients(windows, experts, expertsPerRank, places, dWeights);
}
