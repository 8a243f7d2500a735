using Actors.Model.Layers;
using Actors.Runtime.Fabric;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>
/// What a stage sees of dispatch and combine, and of their backwards. Times are those at which rows began to move, in ticks of the run's clock; null where
/// none move.
/// </summary>
internal interface IRowExchange
{
    /// <summary>Whether rows move to other memory: then a stage waits until they have come, and what moves them must find them computed.</summary>
    bool Moves { get; }

    /// <summary>Begins to bring a chunk's rows to their experts, and says where the experts' sums go.</summary>
    long? Dispatch(int exchange, LayerActivations layer);

    /// <summary>Begins to bring the gradients of a chunk's rows to the experts, along the way of the forward.</summary>
    long? DispatchGradients(int exchange, LayerActivations layer);

    /// <summary>Begins to bring the experts' sums back.</summary>
    long? Combine(int exchange, ExchangePhase phase);

    /// <summary>Most nodes that a token of the last dispatch of an exchange reaches.</summary>
    int MaxNodesOfToken(int exchange);
}
