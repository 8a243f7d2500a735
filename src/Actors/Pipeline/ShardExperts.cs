using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Pipeline.Exchanges;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>The model's routed experts as the work of a rank's shard: every layer that the rank holds, its own experts of each.</summary>
internal sealed class ShardExperts : IExpertWork, IExchangeShard
{
    private readonly IBackend _backend;
    private readonly ExchangeSpace _exchanges;
    private readonly Dictionary<(int Stage, int Layer), (RoutedExperts Experts, GradientSet? Gradients)> _layers = [];
    private readonly RoutedExpertsActivations?[] _activations;
    private readonly ReceivedRows[] _ownRows;
    private readonly ReceivedGradients[] _ownGradients;
    private readonly bool _ownsStream;
    private readonly Stack<RoutedExpertsActivations> _free = [];

    public ShardExperts(
        IBackend backend, (IStream Stream, bool IsOwn) stream, ModelWeights weights, StageLayout layout, IEnumerable<StageModel> stages, ExpertRange held,
        ExchangeSpace exchanges, LayerTemporaries temporaries, bool takesRows)
    {
        _backend = backend;
        (Stream, _ownsStream) = stream;
        _exchanges = exchanges;
        _activations = new RoutedExpertsActivations?[exchanges.Count];
        int own = takesRows ? exchanges.Count : 0;
        (_ownRows, _ownGradients) = (new ReceivedRows[own], new ReceivedGradients[own]);
        foreach (StageModel stage in stages)
        {
            for (int layer = 0; layer < layout.LayerCount(stage.Stage); layer++)
            {
                if (layout.HasExperts(stage.Stage, layer))
                {
                    ExpertWeights experts = weights.LayerOf(layout.LayerOf(stage.Stage, layer)).ExpertsOf(held);
                    _layers.Add((stage.Stage, layer), (new RoutedExperts(experts, temporaries), stage.Gradients));
                }
            }
        }
    }

    public IStream Stream { get; }

    /// <summary>The stage goes on on the same stream.</summary>
    public bool IsOrdered => !_ownsStream;

    /// <inheritdoc/>
    public void Set(int exchange, ReceivedRows rows) => _ownRows[exchange] = rows;

    /// <summary>Has the shard end the layer whose rows were set.</summary>
    public void Set(int exchange, WholeLayer layer) => _ownRows[exchange] = _ownRows[exchange] with { Whole = layer };

    /// <inheritdoc/>
    public void Set(int exchange, ReceivedGradients gradients) => _ownGradients[exchange] = gradients;

    public void Forward(int exchange, ReceiveWindow window)
    {
        ReceivedRows rows = _ownRows.Length > 0 ? _ownRows[exchange] : ReceivedRows.Of(window);
        RoutedExpertsActivations activations = _activations[exchange] ??= Rent();
        (RoutedExperts experts, GradientSet? gradients) = LayerOf(exchange);
        if (rows.Whole is { } whole)
        {
            whole.Layer.ForwardOnly(Stream, whole.Activations, experts, activations, whole.Output);
        }
        else if (gradients is null && rows.Live.IsAbsent)
        {
            // Few rows may be computed in another way, but where their number is known on the device alone.
            experts.ForwardOnly(Stream, activations, rows.Rows, rows.LocalExperts, rows.LocalChoices, rows.Weights, rows.Partials);
        }
        else
        {
            experts.Forward(Stream, activations, rows.Rows, rows.LocalExperts, rows.LocalChoices, rows.Weights, rows.Partials, rows.Live, rows.Needed);
        }
    }

    public void BackwardInput(int exchange, ReceiveWindow window)
    {
        ReceivedGradients gradients = _ownGradients.Length > 0 ? _ownGradients[exchange] : ReceivedGradients.Of(window);
        LayerOf(exchange).Experts.BackwardInput(Stream, _activations[exchange]!, gradients.Rows, gradients.Partials, gradients.WeightGradients);
    }

    public void BackwardWeights(int exchange)
    {
        RoutedExpertsActivations activations = _activations[exchange]!;
        (RoutedExperts experts, GradientSet? gradients) = LayerOf(exchange);
        experts.BackwardWeights(Stream, activations, gradients!);
        Release(exchange);
    }

    /// <inheritdoc/>
    public void Release(int exchange)
    {
        _free.Push(_activations[exchange]!);
        _activations[exchange] = null;
    }

    public void Dispose()
    {
        foreach (RoutedExpertsActivations? activations in _activations)
        {
            activations?.Dispose();
        }

        while (_free.TryPop(out RoutedExpertsActivations? activations))
        {
            activations.Dispose();
        }

        if (_ownsStream)
        {
            Stream.Dispose();
        }
    }

    private RoutedExpertsActivations Rent() =>
        _free.TryPop(out RoutedExpertsActivations? activations) ? activations : new RoutedExpertsActivations(_backend);

    private (RoutedExperts Experts, GradientSet? Gradients) LayerOf(int exchange)
    {
        (int stage, int layer, _) = _exchanges.Parts(exchange);
        return _layers[(stage, layer)];
    }
}
