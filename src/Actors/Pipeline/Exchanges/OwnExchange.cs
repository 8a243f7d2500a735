using Actors.Model.Layers;
using Actors.Runtime.Fabric;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>
/// The exchange of a rank that holds all experts: its rows are where they must be, and its shard's sums are the tokens' sums. Nothing is copied, and the host
/// reads nothing.
/// </summary>
/// <param name="starter">Tells the shard.</param>
/// <param name="shard">The rank's.</param>
internal sealed class OwnExchange(ExchangeStarter starter, ShardExperts shard) : IRowExchange
{
    public bool Moves => false;

    public long? Dispatch(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        shard.Lay(exchange, new ReceivedRows(a.Normed, a.Experts, (int)a.Experts.Count, a.ExpertWeights, layer.Routed));
        return null;
    }

    public long? DispatchGradients(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        shard.Lay(exchange, new ReceivedGradients(a.OutputGradient, layer.Routed, a.ExpertWeightGradient));
        return null;
    }

    public void RunExperts(int exchange, ExchangePhase phase) => starter.RunExperts(exchange, phase);

    public void RunExpertWeights(int exchange) => starter.RunExpertWeights(exchange);

    public long? Combine(int exchange, ExchangePhase phase) => null;

    public int MaxNodesOfToken(int exchange) => 1;
}
