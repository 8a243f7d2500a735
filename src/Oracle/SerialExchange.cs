using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Transfer;
using Actors.Tensors;

namespace Actors.Oracle;

/// <summary>
/// Dispatch and combine of one layer without actors: gathers the rows that each rank would receive, runs its shard over
/// them, and sums the partial sums as the placement says (ranks of a node in rank order, then nodes in node order, each sum
/// started from zero). Keeps its layout from the forward to the backward.
/// </summary>
internal sealed class SerialExchange : IDisposable
{
    private readonly ExpertPlacement _placement;
    private readonly SerialRows _rows;
    private readonly StackLayout _layout;
    private readonly IndexTensors _indices;
    private readonly RoutedExperts[] _shards;
    private readonly RoutedExpertsActivations[] _activations;
    private readonly Tensor[] _partials;
    private readonly Tensor[] _nodeRows;
    private readonly Tensor[] _weightSlots;
    private readonly int _choices;
    private Tensor _tokens;
    private Tensor _slots;
    private Tensor _experts;

    /// <param name="backend">Device.</param>
    /// <param name="placement">Ranks and nodes.</param>
    /// <param name="shards">The layer's experts, one shard a rank.</param>
    /// <param name="sources">Source ranks.</param>
    /// <param name="choices">Experts a token.</param>
    /// <param name="rows">Memory shared by the exchanges of all layers.</param>
    public SerialExchange(
        IBackend backend, ExpertPlacement placement, RoutedExperts[] shards, int sources, int choices, SerialRows rows)
    {
        _placement = placement;
        _choices = choices;
        _rows = rows;
        _layout = new StackLayout(placement, choices, sources);
        _indices = new IndexTensors(backend);
        _shards = shards;
        _activations = new RoutedExpertsActivations[shards.Length];
        for (int rank = 0; rank < shards.Length; rank++)
        {
            _activations[rank] = new RoutedExpertsActivations(backend);
        }

        _partials = new Tensor[sources];
        _nodeRows = new Tensor[sources];
        _weightSlots = new Tensor[sources];
    }

    /// <summary>Adds the choices of the last forward to <paramref name="loads"/>, by expert.</summary>
    public void AddLoads(Span<long> loads)
    {
        foreach (StackLayout.SourceIndices source in _layout.Sources)
        {
            foreach (int expert in source.Experts.AsSpan(0, source.Tokens * _choices))
            {
                if (expert >= 0)
                {
                    loads[expert]++;
                }
            }
        }
    }

    /// <summary>The chosen experts (tokens, K) of a source's chunk in the last forward.</summary>
    public ReadOnlySpan<int> ExpertsOf(int source) =>
        _layout.Sources[source].Experts.AsSpan(0, _layout.Sources[source].Tokens * _choices);

    /// <summary>From each source's Normed, Experts and ExpertWeights computes its Routed.</summary>
    public void Forward(IStream stream, HostReader reader, LayerActivations[] sources)
    {
        for (int s = 0; s < sources.Length; s++)
        {
            ReadOnlySpan<int> experts = reader.Read<int>(sources[s].Attention.Experts);
            StackLayout.SourceIndices indices = _layout.Sources[s];
            if (indices.Experts.Length < experts.Length)
            {
                indices.Experts = new int[experts.Length];
            }

            experts.CopyTo(indices.Experts);
            indices.Tokens = sources[s].Tokens;
        }

        _layout.Build();
        Upload(stream);
        _rows.Take(_layout.Rows, _choices);
        Scatter(stream, sources, forward: true);
        for (int rank = 0; rank < _shards.Length; rank++)
        {
            int first = _layout.FirstRow[rank];
            int count = _layout.FirstRow[rank + 1] - first;
            _shards[rank].Forward(
                stream,
                _activations[rank],
                _rows.Received.RowRange(first, count),
                _experts.ColumnRange(first * _choices, count * _choices).Reshape(count, _choices),
                LocalChoices(_layout.LocalExperts.Slice(first * _choices, count * _choices)),
                _rows.Weights.RowRange(first, count),
                _rows.Partials.RowRange(first, count));
        }

        Combine(stream, sources);
    }

    /// <summary>From each source's OutputGradient computes its Routed (the dispatched rows' gradient) and ExpertWeightGradient.</summary>
    public void BackwardInput(IStream stream, LayerActivations[] sources)
    {
        _rows.Take(_layout.Rows, _choices);
        Scatter(stream, sources, forward: false);
        for (int rank = 0; rank < _shards.Length; rank++)
        {
            int first = _layout.FirstRow[rank];
            int count = _layout.FirstRow[rank + 1] - first;
            _shards[rank].BackwardInput(
                stream,
                _activations[rank],
                _rows.Received.RowRange(first, count),
                _rows.Partials.RowRange(first, count),
                _rows.Weights.RowRange(first, count));
        }

        Combine(stream, sources);
        Tensor weights = _rows.Weights.Reshape(_layout.Rows * _choices, 1);
        for (int s = 0; s < sources.Length; s++)
        {
            Tensor gradient = sources[s].Attention.ExpertWeightGradient;
            stream.GatherRows(weights, _weightSlots[s], gradient.Reshape((int)gradient.Count, 1));
        }
    }

    /// <summary>Weight gradients of the shards, in rank order.</summary>
    public void BackwardWeights(IStream stream, GradientSet gradients)
    {
        for (int rank = 0; rank < _shards.Length; rank++)
        {
            _shards[rank].BackwardWeights(stream, _activations[rank], gradients);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _indices.Dispose();
        for (int rank = 0; rank < _shards.Length; rank++)
        {
            _activations[rank].Dispose();
        }
    }

    private static int LocalChoices(ReadOnlySpan<int> experts) => experts.Length - experts.Count(-1);

    private void Upload(IStream stream)
    {
        int elements = _layout.Rows * (1 + (2 * _choices));
        foreach (StackLayout.SourceIndices source in _layout.Sources)
        {
            elements += source.Tokens * (_placement.Ranks + _placement.Nodes + _choices);
        }

        _indices.Begin(elements);
        _tokens = _indices.Add(stream, _layout.Tokens);
        _slots = _indices.Add(stream, _layout.Slots);
        _experts = _indices.Add(stream, _layout.LocalExperts);
        for (int s = 0; s < _layout.Sources.Length; s++)
        {
            StackLayout.SourceIndices source = _layout.Sources[s];
            int tokens = source.Tokens;
            _partials[s] = _indices.Add(stream, source.Partials.AsSpan(0, tokens * _placement.Ranks))
                .Reshape(_placement.Nodes * tokens, _placement.RanksPerNode);
            _nodeRows[s] = _indices.Add(stream, source.NodeRows.AsSpan(0, tokens * _placement.Nodes)).Reshape(tokens, _placement.Nodes);
            _weightSlots[s] = _indices.Add(stream, source.SlotOfWeight.AsSpan(0, tokens * _choices));
        }
    }

    private void Scatter(IStream stream, LayerActivations[] sources, bool forward)
    {
        for (int pair = 0; pair < _shards.Length * sources.Length; pair++)
        {
            int first = _layout.FirstRowOfPair[pair];
            int count = _layout.FirstRowOfPair[pair + 1] - first;
            AttentionActivations source = sources[pair % sources.Length].Attention;
            Tensor received = _rows.Received.RowRange(first, count);
            stream.GatherRows(forward ? source.Normed : source.OutputGradient, _tokens.ColumnRange(first, count), received);
            if (forward)
            {
                Tensor weights = source.ExpertWeights;
                stream.GatherRows(
                    weights.Reshape((int)weights.Count, 1),
                    _slots.ColumnRange(first * _choices, count * _choices),
                    _rows.Weights.RowRange(first, count).Reshape(count * _choices, 1));
            }
        }
    }

    private void Combine(IStream stream, LayerActivations[] sources)
    {
        for (int s = 0; s < sources.Length; s++)
        {
            if (_placement.Nodes == 1)
            {
                stream.SumRows(_rows.Partials, _partials[s], default, sources[s].Routed);
                continue;
            }

            Tensor nodes = _rows.TakeNodes(_partials[s].Rows);
            stream.SumRows(_rows.Partials, _partials[s], default, nodes);
            stream.SumRows(nodes, _nodeRows[s], default, sources[s].Routed);
        }
    }
}
