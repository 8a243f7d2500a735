using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Experts;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>What a shard computes with in the forward.</summary>
/// <param name="Rows">(received, H), or codes with their scales, as the group sends tokens.</param>
/// <param name="LocalExperts">Int32 (received, K): −1 for another rank's.</param>
/// <param name="LocalChoices">How many of them are local.</param>
/// <param name="Weights">(received, K).</param>
/// <param name="Partials">Output (received, H): sums over the shard's experts.</param>
/// <param name="Live">Int32 (1, 1): how many rows have come, where the host does not know it; then <paramref name="LocalChoices"/> is the most there may be.</param>
/// <param name="Needed">Int32 (1, 1): made as large as the number of local choices, with <paramref name="Live"/>.</param>
/// <param name="Whole">The layer that the shard ends, where it has all experts and no backward follows; null: it computes partials alone.</param>
internal readonly record struct ReceivedRows(
    Tensor Rows, Tensor LocalExperts, int LocalChoices, Tensor Weights, Tensor Partials, Tensor Live = default, Tensor Needed = default, WholeLayer? Whole = null)
{
    public static ReceivedRows Of(ReceiveWindow window) => new(
        window.Rows(ExchangePhase.Forward), window.LocalExperts, (window.LocalExperts.Rows * window.LocalExperts.Columns) - window.LocalExperts.AsSpan<int>().Count(-1),
        window.Weights, window.Partials(ExchangePhase.Forward));
}
