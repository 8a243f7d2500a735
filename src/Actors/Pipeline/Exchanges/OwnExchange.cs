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
    private int _maxNodesOfToken;

    public bool Moves => false;

    public ExchangeTotals Totals => new(_maxNodesOfToken, NodesOfTokens: 0, HadRoom: true);

    public void Begin(StepMode mode, int mostTokens) => _maxNodesOfToken = 0;

    /// <summary>The experts take the rows as they are.</summary>
    public void Prepare(int exchange, ExchangePhase phase, LayerActivations layer)
    {
    }

    public long? Dispatch(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        shard.Set(exchange, new ReceivedRows(a.Normed, a.Experts, (int)a.Experts.Count, a.ExpertWeights, layer.Routed));
        _maxNodesOfToken = 1;
        return null;
    }

    public string? BeyondNodes(int exchange, int limit) => null;

    /// <summary>Leaves the rest of a dispatched layer to the shard: shared expert, residual and all. Where no backward follows.</summary>
    public void Leave(int exchange, WholeLayer layer) => shard.Set(exchange, layer);

    public long? DispatchGradients(int exchange, LayerActivations layer)
    {
        AttentionActivations a = layer.Attention;
        shard.Set(exchange, new ReceivedGradients(a.OutputGradient, layer.Routed, a.ExpertWeightGradient));
        return null;
    }

    public void TakeRows(int exchange, ExchangePhase phase)
    {
    }

    public long? Combine(int exchange, ExchangePhase phase) => null;

    public void TakeSums(int exchange, ExchangePhase phase)
    {
    }

    public void End()
    {
    }

    public void Ended()
    {
    }
}
