using Actors.Model.Layers;
using Actors.Runtime.Fabric;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>
/// What a stage sees of dispatch and combine, and of their backwards. Times are those at which rows began to move, in ticks of the run's clock; null where
/// none move.
/// </summary>
internal interface IRowExchange
{
    /// <summary>Whether rows are moved by others than the stage's stream, who must find them computed.</summary>
    bool Moves { get; }

    /// <summary>What the step's exchanges have shown; after <see cref="Ended"/>.</summary>
    ExchangeTotals Totals { get; }

    /// <summary>Begins a step.</summary>
    /// <param name="mode">What the step is for.</param>
    /// <param name="mostTokens">Most rows of a chunk of any rank.</param>
    void Begin(StepMode mode, int mostTokens);

    /// <summary>
    /// Enqueues, on the stage's stream behind what computes them, what makes a chunk's rows those that travel: tokens in the forward, gradients of their sums in the
    /// backward. Before the phase's dispatch.
    /// </summary>
    void Prepare(int exchange, ExchangePhase phase, LayerActivations layer);

    /// <summary>Begins to bring a chunk's rows to their experts, and says where the experts' sums go.</summary>
    long? Dispatch(int exchange, LayerActivations layer);

    /// <summary>
    /// What of a dispatched chunk breaks the rule that a token reaches few nodes, in words; null: nothing does, or the host does not see where tokens go: then the
    /// step's <see cref="Totals"/> show it.
    /// </summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="limit">Most nodes that a token may reach.</param>
    string? BeyondNodes(int exchange, int limit);

    /// <summary>Begins to bring the gradients of a chunk's rows to the experts, along the way of the forward.</summary>
    long? DispatchGradients(int exchange, LayerActivations layer);

    /// <summary>All ranks' rows have come: the experts compute next.</summary>
    void TakeRows(int exchange, ExchangePhase phase);

    /// <summary>Begins to bring the experts' sums back.</summary>
    long? Combine(int exchange, ExchangePhase phase);

    /// <summary>All experts' sums have come: what follows reads them.</summary>
    void TakeSums(int exchange, ExchangePhase phase);

    /// <summary>Enqueues what ends a step.</summary>
    void End();

    /// <summary>All that the step enqueued has run.</summary>
    void Ended();
}
