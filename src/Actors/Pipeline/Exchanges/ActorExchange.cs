using Actors.Model.Layers;
using Actors.Runtime.Fabric;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>The exchange of a group of ranks: channel actors and their rings carry the rows, and the host reads where they go.</summary>
/// <param name="starter">Tells the actors.</param>
/// <param name="fabric">The node's places.</param>
/// <param name="rank">Rank in the group.</param>
/// <param name="sent">What the rank sends.</param>
internal sealed class ActorExchange(ExchangeStarter starter, NodeFabric fabric, int rank, SentRows sent) : IRowExchange
{
    private int _maxNodesOfToken;
    private long _nodesOfTokens;

    public bool Moves => true;

    public ExchangeTotals Totals => new(_maxNodesOfToken, _nodesOfTokens, HadRoom: true);

    public void Begin(StepMode mode, int mostTokens) => (_maxNodesOfToken, _nodesOfTokens) = (0, 0);

    public void Prepare(int exchange, ExchangePhase phase, LayerActivations layer) => sent.Prepare(exchange, phase, layer);

    public long? Dispatch(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        SourceExchange source = fabric.Source(rank, exchange);
        source.SetForward(sent.Of(exchange, ExchangePhase.Forward, layer), a.HostExperts, a.HostExpertWeights, layer.Routed);
        _maxNodesOfToken = Math.Max(_maxNodesOfToken, source.Layout.MaxNodesOfToken);
        _nodesOfTokens += source.Layout.NodesOfTokens;
        return starter.Dispatch(exchange);
    }

    public string? BeyondNodes(int exchange, int limit) => fabric.Source(rank, exchange).Layout.BeyondNodes(limit);

    public long? DispatchGradients(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        fabric.Source(rank, exchange).SetBackward(sent.Of(exchange, ExchangePhase.Backward, layer), layer.Routed, a.HostExpertWeightGradient);
        return starter.DispatchGradients(exchange);
    }

    /// <summary>They lie in the rank's window.</summary>
    public void TakeRows(int exchange, ExchangePhase phase)
    {
    }

    public long? Combine(int exchange, ExchangePhase phase) => starter.Combine(exchange, phase);

    /// <summary>The sums are where the dispatch placed them; once all of them have arrived, every row that was sent has been read.</summary>
    public void TakeSums(int exchange, ExchangePhase phase) => sent.Release(exchange, phase);

    public void End()
    {
    }

    public void Ended()
    {
    }
}
