using Actors.Model.Layers;
using Actors.Runtime.Fabric;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>The exchange of a group of ranks: channel actors and their rings carry the rows, and the host reads where they go.</summary>
/// <param name="starter">Tells the actors.</param>
/// <param name="fabric">The node's places.</param>
/// <param name="rank">Rank in the group.</param>
internal sealed class ActorExchange(ExchangeStarter starter, NodeFabric fabric, int rank) : IRowExchange
{
    public bool Moves => true;

    public long? Dispatch(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        fabric.Source(rank, exchange).SetForward(a.Normed, a.HostExperts, a.HostExpertWeights, layer.Routed);
        return starter.Dispatch(exchange);
    }

    public long? DispatchGradients(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        fabric.Source(rank, exchange).SetBackward(a.OutputGradient, layer.Routed, a.HostExpertWeightGradient);
        return starter.DispatchGradients(exchange);
    }

    public long? Combine(int exchange, ExchangePhase phase) => starter.Combine(exchange, phase);

    public int MaxNodesOfToken(int exchange) => fabric.Source(rank, exchange).Layout.MaxNodesOfToken;
}
