using Actors.Model.Layers;
using Actors.Runtime.Fabric;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>
/// The exchange of a rank that holds all experts: its rows are where they must be, and its shard's sums are the tokens' sums. Nothing is copied, and the host
/// reads nothing.
/// </summary>
/// <param name="shard">The rank's.</param>
internal sealed class OwnExchange(ShardExperts shard) : IRowExchange
{
    public bool Moves => false;

    public long? Dispatch(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        shard.Set(exchange, new ReceivedRows(a.Normed, a.Experts, (int)a.Experts.Count, a.ExpertWeights, layer.Routed));
        return null;
    }

    public long? DispatchGradients(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        shard.Set(exchange, new ReceivedGradients(a.OutputGradient, layer.Routed, a.ExpertWeightGradient));
        return null;
    }

    public long? Combine(int exchange, ExchangePhase phase) => null;

    public int MaxNodesOfToken(int exchange) => 1;
}
