using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <content>Its rows between ranks that wait for flags.</content>
internal sealed partial class SimulatedStream
{
    /// <inheritdoc/>
    public void DispatchTokens(
        ExchangeFlags flags, int rank, int ranksPerNode, Tensor x, Tensor experts, Tensor weights, int expertsPerRank, ReadOnlySpan<Tensor> windows,
        ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights, Tensor places, Tensor tally)
    {
        var group = (SimulatedFlags)flags;
        FlagWindows to = new(windows.ToArray(), windowExperts.ToArray(), windowWeights.ToArray());
        Give(() => _work.WhenOpen(() =>
        {
            FlagWindows written = group.WrittenBy(rank, to);
            _work.AddAfter(
                _costs.Of(Operation.DispatchTokens, x),
                () => _inner.DispatchTokens(
                    group.Inner, rank, ranksPerNode, x, experts, weights, expertsPerRank, written.Rows, written.Experts, written.Weights, places, tally));
            group.Dispatched(rank, _work, to);
        }));
    }

    /// <inheritdoc/>
    public void CombineTokens(ExchangeFlags flags, int rank, int ranksPerNode, ReadOnlySpan<Tensor> partials, Tensor places, Tensor y)
    {
        var group = (SimulatedFlags)flags;
        Tensor[] from = partials.ToArray();
        Give(() => _work.WhenOpen(() =>
        {
            Tensor[] seen = group.Computed(rank, _work, from);
            _work.WhenOpen(() => _work.AddAfter(_costs.Of(Operation.CombineTokens, y), () =>
            {
                if (group.Failure is null)
                {
                    _inner.CombineTokens(group.Inner, rank, ranksPerNode, seen, places, y);
                }
            }));
        }));
    }
}
