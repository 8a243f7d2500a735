using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>The model's routed experts as the work of a rank's shard: every layer that the rank holds, its own experts of each.</summary>
internal sealed class ShardExperts : IExpertWork
{
    private readonly IBackend _backend;
    private readonly ExchangeSpace _exchanges;
    private readonly Dictionary<(int Stage, int Layer), (RoutedExperts Experts, GradientSet? Gradients)> _layers = [];
    private readonly RoutedExpertsActivations?[] _activations;
    private readonly Stack<RoutedExpertsActivations> _free = [];

    public ShardExperts(
        IBackend backend, IStream stream, ModelWeights weights, StageLayout layout, IEnumerable<StageModel> stages, ExpertRange held,
        ExchangeSpace exchanges, LayerTemporaries temporaries)
    {
        _backend = backend;
        Stream = stream;
        _exchanges = exchanges;
        _activations = new RoutedExpertsActivations?[exchanges.Count];
        foreach (StageModel stage in stages)
        {
            for (int layer = 0; layer < layout.LayerCount(stage.Stage); layer++)
            {
                if (layout.HasExperts(stage.Stage, layer))
                {
                    ExpertWeights experts = weights.LayerOf(layout.FirstLayer(stage.Stage) + layer).ExpertsOf(held);
                    _layers.Add((stage.Stage, layer), (new RoutedExperts(experts, temporaries), stage.Gradients));
                }
            }
        }
    }

    public IStream Stream { get; }

    public void Forward(int exchange, ReceiveWindow window)
    {
        RoutedExpertsActivations activations = _activations[exchange] ??= Rent();
        LayerOf(exchange).Experts.Forward(
            Stream,
            activations,
            window.Rows(ExchangePhase.Forward),
            window.LocalExperts,
            window.LocalExperts.Rows * window.LocalExperts.Columns - window.LocalExperts.AsSpan<int>().Count(-1),
            window.Weights,
            window.Partials(ExchangePhase.Forward));
    }

    public void BackwardInput(int exchange, ReceiveWindow window) =>
        LayerOf(exchange).Experts.BackwardInput(
            Stream,
            _activations[exchange]!,
            window.Rows(ExchangePhase.Backward),
            window.Partials(ExchangePhase.Backward),
            window.WeightGradients);

    public void BackwardWeights(int exchange)
    {
        RoutedExpertsActivations activations = _activations[exchange]!;
        (RoutedExperts experts, GradientSet? gradients) = LayerOf(exchange);
        experts.BackwardWeights(Stream, activations, gradients!);
        _activations[exchange] = null;
        _free.Push(activations);
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

        Stream.Dispose();
    }

    private RoutedExpertsActivations Rent() =>
        _free.TryPop(out RoutedExpertsActivations? activations) ? activations : new RoutedExpertsActivations(_backend);

    private (RoutedExperts Experts, GradientSet? Gradients) LayerOf(int exchange)
    {
        (int stage, int layer, _) = _exchanges.Parts(exchange);
        return _layers[(stage, layer)];
    }
}
