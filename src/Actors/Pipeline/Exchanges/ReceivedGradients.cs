using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Experts;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>What a shard computes with in the backward.</summary>
/// <param name="Rows">(received, H), or codes with their scales: gradients of the sums, as the group sends them.</param>
/// <param name="Partials">Output (received, H): gradients of the received rows.</param>
/// <param name="WeightGradients">Output (received, K).</param>
internal readonly record struct ReceivedGradients(Tensor Rows, Tensor Partials, Tensor WeightGradients)
{
    public static ReceivedGradients Of(ReceiveWindow window) =>
        new(window.Rows(ExchangePhase.Backward), window.Partials(ExchangePhase.Backward), window.WeightGradients);
}
