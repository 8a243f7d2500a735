using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Model.Layers;

/// <summary>
/// The attention component of a layer: input norm, multi-head latent attention, residual, norm, and in a layer with experts
/// the gate. Holds no state of a chunk; may serve several chunks in turn on one stream.
/// </summary>
public sealed partial class Attention
{
    /// <summary>The reference gives the norms inside attention this epsilon, whatever <c>rms_norm_eps</c> says.</summary>
    private const float LatentEpsilon = 1e-6f;

    private readonly LayerWeights _weights;
    private readonly RopeTables _rope;
    private readonly AttentionScratch _scratch;
    private readonly Projection _projectDown, _keyValueUp, _output;
    private readonly Projection? _queryUp;
    private readonly AttentionShape _shape;
    private readonly GateShape _gate;
    private readonly float _epsilon;
    private readonly int _queryDown;
    private readonly int _latent;
    private readonly int _ropeColumns;

    /// <summary>Makes the component of one layer.</summary>
    /// <param name="config">Sizes and rules.</param>
    /// <param name="weights">Values of the layer.</param>
    /// <param name="rope">Tables that reach as far as any position.</param>
    /// <param name="scratch">Shared by the layers of one stream.</param>
    public Attention(ModelConfig config, LayerWeights weights, RopeTables rope, AttentionScratch scratch)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(scratch);
        _weights = weights;
        _rope = rope;
        _scratch = scratch;
        _projectDown = new Projection(weights.Down, scratch.Codes);
        _queryUp = weights.QueryUp is { } up ? new Projection(up, scratch.Codes) : null;
        _keyValueUp = new Projection(weights.KeyValueUp, scratch.Codes);
        _output = new Projection(weights.Output, scratch.Codes);
        _shape = RopeTables.ShapeOf(config);
        _gate = new GateShape(
            config.ExpertGroups, config.ExpertGroupsKept, config.ExpertsPerToken, config.NormalizeExpertWeights, (float)config.RoutedScalingFactor);
        _epsilon = (float)config.RmsNormEpsilon;
        _queryDown = config.QueryRank ?? config.Heads * config.QueryHeadSize;
        _latent = config.KeyValueRank;
        _ropeColumns = config.RopeHeadSize;
    }

    /// <summary>
    /// From <see cref="AttentionActivations.Input"/> computes Hidden and Normed, and with experts Experts and ExpertWeights.
    /// </summary>
    public void Forward(IStream stream, AttentionActivations activations, SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(layout);
        CheckPositions(layout.EndPosition);
        ExpectForward(stream, activations);
        ProjectedTensors p = ProjectDown(stream, activations);
        Tensor down = activations.Down;
        Tensor query = Query(down, p);
        ProjectQuery(stream, activations, layout.Positions, p);
        RotateDown(stream, down, layout.Positions);
        ProjectKeyValue(stream, activations, p);
        Tensor heads = Heads(activations, p);
        stream.Attention(query, p.KeyValue, SharedKey(down), layout.AttentionBoundaries, _shape, heads, activations.LogSumExp);
        if (_output.IsQuantized && activations.Mode != ActivationMode.ForwardOnly)
        {
            stream.PackRows(heads, activations.PackedHeads);
        }

        Finish(stream, activations, heads);
    }

    /// <summary>
    /// <see cref="Forward"/> of the prompts of a chunk that also writes each sequence's rows of the compressed cache:
    /// normalized latent, then rotated shared key.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">With the input filled.</param>
    /// <param name="layout">One sequence a prompt.</param>
    /// <param name="cache">(cache rows, latent + rope) of this layer.</param>
    /// <param name="firstRows">First cache row of each sequence.</param>
    public void Prefill(IStream stream, AttentionActivations activations, SequenceLayout layout, Tensor cache, ReadOnlySpan<int> firstRows)
    {
        Forward(stream, activations, layout);
        Tensor latents = Projected(activations).LatentNormed.Rows;
        Tensor keys = SharedKey(activations.Down);
        for (int s = 0; s < layout.Sequences; s++)
        {
            int first = layout.FirstRow(s);
            int length = layout.FirstRow(s + 1) - first;
            Tensor rows = cache.RowRange(firstRows[s], length);
            stream.Copy(latents.RowRange(first, length), rows.ColumnRange(0, _latent));
            stream.Copy(keys.RowRange(first, length), rows.ColumnRange(_latent, _ropeColumns));
        }
    }

    /// <summary>
    /// One token of each running sequence over the compressed cache; its own row is written first.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">With the input filled: a row a sequence.</param>
    /// <param name="cache">(cache rows, latent + rope) of this layer.</param>
    /// <param name="batch">Where each sequence's rows lie, the new one included.</param>
    public void Decode(IStream stream, AttentionActivations activations, Tensor cache, Inference.DecodeBatch batch)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(batch);
        CheckPositions(batch.EndPosition);
        ProjectedTensors p = ProjectDown(stream, activations);
        Tensor down = activations.Down;
        Tensor query = Query(down, p);
        var append = new LatentAppend(
            _shape.Heads, _weights.KeyValueNorm.Values, LatentEpsilon, batch.Positions, _rope.Cos, _rope.Sin, batch.NewRows);
        if (_queryUp is { } up)
        {
            var projection = new QueryProjection(
                down.ColumnRange(0, _queryDown), _weights.QueryNorm!.Values, LatentEpsilon, p.QueryLatentNormed.Rows, up.Weight);
            stream.AppendProjected(projection, query, Latent(down), SharedKey(down), append, p.LatentNormed.Rows, cache);
        }
        else
        {
            stream.AppendLatents(query, Latent(down), SharedKey(down), append, p.LatentNormed.Rows, cache);
        }

        Tensor heads = Heads(activations, p);
        stream.LatentAttention(query, _keyValueUp.Weight, cache, batch.FirstRows, batch.Lengths, _shape, heads);
        Finish(stream, activations, heads);
    }

    /// <summary>
    /// From <see cref="AttentionActivations.OutputGradient"/>, NormedGradient and, with experts, ExpertWeightGradient computes
    /// the gradient of the input, and adds those of the norms' weights. Order of sums: normed gradient = given + gate's; hidden
    /// gradient = output gradient + through the norm, in the normed gradient's place; normed input's = one product over query and
    /// key rows; input's = hidden gradient + through the norm. To the logits' gradient of the chosen weights that of the balance loss is added.
    /// </summary>
    /// <param name="stream">Stream.</param>
    /// <param name="activations">Of the forward, gradients filled.</param>
    /// <param name="layout">As in the forward.</param>
    /// <param name="inputGradient">Output (tokens, H).</param>
    /// <param name="gradients">Of the norms.</param>
    /// <param name="balance">The gate's part in the balance loss.</param>
    public void BackwardInput(
        IStream stream, AttentionActivations activations, SequenceLayout layout, Tensor inputGradient, GradientSet gradients, GateBalance balance = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(gradients);
        AttentionActivations a = activations;
        AttentionGradients g = a.Gradients ??= _scratch.Gradients.Rent();
        g.Tokens = a.Tokens;
        if (_weights.Gate is { } gate)
        {
            stream.ChooseExpertsBackward(a.ExpertWeightGradient, a.Experts, a.Scores, _gate, g.Logits);
            if (balance.Scale != 0)
            {
                stream.BalanceLoss(a.Scores, a.Experts, layout.Boundaries, balance.Scale, balance.Losses, g.Logits);
            }

            stream.LinearBackwardInput(g.Logits, gate.Weight, a.NormedGradient, a.NormedGradient);
        }

        Tensor hidden = a.NormedGradient;
        gradients.AddNorm(stream, _weights.PostAttentionNorm, hidden, a.Hidden, a.HiddenRstd, a.OutputGradient);
        ExpectBackwardInput(stream, a);
        _output.BackwardInput(stream, hidden, g.Heads);
        ProjectedTensors p = Recompute(stream, a, layout);
        Tensor dQuery = _queryUp is null ? g.Down.ColumnRange(0, _queryDown) : g.Query;
        Tensor dKey = SharedKey(g.Down);
        stream.AttentionBackward(
            g.Heads, Query(a.Down, p), p.KeyValue, SharedKey(a.Down), Unpacked(stream, a, p), a.LogSumExp, layout.AttentionBoundaries, _shape,
            dQuery, g.KeyValue, dKey);
        stream.Rope(dQuery, _shape.Heads, layout.Positions, _rope.Cos, _rope.Sin, inverse: true);
        stream.Rope(dKey, 1, layout.Positions, _rope.Cos, _rope.Sin, inverse: true);
        if (_queryUp is { } up)
        {
            Tensor queryDown = g.Down.ColumnRange(0, _queryDown);
            up.BackwardInput(stream, dQuery, queryDown);
            gradients.AddNorm(stream, _weights.QueryNorm!, queryDown, a.Down.ColumnRange(0, _queryDown), a.QueryRstd);
        }

        _keyValueUp.BackwardInput(stream, g.KeyValue, Latent(g.Down));
        gradients.AddNorm(stream, _weights.KeyValueNorm, Latent(g.Down), Latent(a.Down), a.LatentRstd);
        _projectDown.BackwardInput(stream, g.Down, inputGradient);
        gradients.AddNorm(stream, _weights.InputNorm, inputGradient, a.Input, a.InputRstd, hidden);
    }

    /// <summary>Adds the gradients of the chunk's projections to <paramref name="gradients"/>; any time after <see cref="BackwardInput"/>.</summary>
    public void BackwardWeights(IStream stream, AttentionActivations activations, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(activations);
        ArgumentNullException.ThrowIfNull(gradients);
        AttentionActivations a = activations;
        AttentionGradients g = a.Gradients
            ?? throw new InvalidOperationException($"Layer {_weights.Layer}: weight gradients before the backward for input.");
        ProjectedTensors p = RecomputeNorms(stream, a);
        if (_weights.Gate is { } gate)
        {
            gradients.AddProduct(stream, gate, g.Logits, a.Normed);
        }

        ExpectBackwardWeights(stream, p, gradients);
        _output.BackwardWeight(stream, new ProductRows(a.NormedGradient), new ProductRows(Unpacked(stream, a, p)), gradients);
        _queryUp?.BackwardWeight(stream, new ProductRows(g.Query), p.QueryLatentNormed, gradients);
        _keyValueUp.BackwardWeight(stream, new ProductRows(g.KeyValue), p.LatentNormed, gradients);
        _projectDown.BackwardWeight(stream, new ProductRows(g.Down), p.InputNormed, gradients);
        a.Gradients = null;
        _scratch.Gradients.Return(g);
    }

    private void CheckPositions(int end)
    {
        if (end > _rope.Positions)
        {
            throw new ArgumentException(
                $"Layer {_weights.Layer}: a sequence reaches position {end - 1}, rotary tables were made for {_rope.Positions} positions.", nameof(end));
        }
    }

    private ProjectedTensors Projected(AttentionActivations a) => a.Projected(_scratch.Projected);

    private Tensor Heads(AttentionActivations a, ProjectedTensors projected) => _output.IsQuantized ? projected.Heads : a.Heads;

    /// <summary>The heads' outputs in the backward: as they were, or from their packs.</summary>
    private Tensor Unpacked(IStream stream, AttentionActivations a, ProjectedTensors projected)
    {
        if (_output.IsQuantized)
        {
            stream.UnpackRows(a.PackedHeads, projected.Heads);
        }

        return Heads(a, projected);
    }

    private Tensor Query(Tensor down, ProjectedTensors projected) =>
        _queryUp is null ? down.ColumnRange(0, _queryDown) : projected.Query;

    private Tensor Latent(Tensor down) => down.ColumnRange(_queryDown, _latent);

    private Tensor SharedKey(Tensor down) => down.ColumnRange(_queryDown + _latent, _ropeColumns);

    private ProjectedTensors ProjectDown(IStream stream, AttentionActivations a)
    {
        ProjectedTensors p = Projected(a);
        _projectDown.ForwardNormed(stream, a.Input, _weights.InputNorm, _epsilon, p.InputNormed, a.InputRstd, a.Down);
        return p;
    }

    /// <summary>The up-projection of the query, rotated; nothing without query LoRA.</summary>
    private void ProjectQuery(IStream stream, AttentionActivations a, Tensor positions, ProjectedTensors p)
    {
        if (_queryUp is { } up)
        {
            up.ForwardNormed(stream, a.Down.ColumnRange(0, _queryDown), _weights.QueryNorm!, LatentEpsilon, p.QueryLatentNormed, a.QueryRstd, p.Query);
            stream.Rope(p.Query, _shape.Heads, positions, _rope.Cos, _rope.Sin, inverse: false);
        }
    }

    /// <summary>Rotates what the down projection gives without an up-projection: the shared key, and a query without LoRA.</summary>
    private void RotateDown(IStream stream, Tensor down, Tensor positions)
    {
        stream.Rope(SharedKey(down), 1, positions, _rope.Cos, _rope.Sin, inverse: false);
        if (_queryUp is null)
        {
            stream.Rope(down.ColumnRange(0, _queryDown), _shape.Heads, positions, _rope.Cos, _rope.Sin, inverse: false);
        }
    }

    private void ProjectKeyValue(IStream stream, AttentionActivations a, ProjectedTensors p)
    {
        stream.RmsNorm(Latent(a.Down), _weights.KeyValueNorm.Values, LatentEpsilon, p.LatentNormed.Rows, a.LatentRstd);
        _keyValueUp.Forward(stream, p.LatentNormed.Rows, p.KeyValue, default, p.LatentNormed.Codes);
    }

    /// <summary>Output projection with residual, norm, gate.</summary>
    private void Finish(IStream stream, AttentionActivations a, Tensor heads)
    {
        _output.Forward(stream, heads, a.Hidden, a.Input);
        Tensor norm = _weights.PostAttentionNorm.Values;
        if (_weights.Gate is { } gate)
        {
            var choice = new GateChoice(gate.Weight, _weights.CorrectionBias!.Values, _gate);
            stream.NormChooseExperts(a.Hidden, norm, _epsilon, a.Normed, a.HiddenRstd, choice, a.Scores, a.Experts, a.ExpertWeights);
        }
        else
        {
            stream.RmsNorm(a.Hidden, norm, _epsilon, a.Normed, a.HiddenRstd);
        }
    }

    /// <summary>Up-projections for the backward: kept, or computed again into the scratch.</summary>
    private ProjectedTensors Recompute(IStream stream, AttentionActivations a, SequenceLayout layout)
    {
        ProjectedTensors p = Projected(a);
        if (a.Mode == ActivationMode.Recomputed)
        {
            ProjectQuery(stream, a, layout.Positions, p);
            ProjectKeyValue(stream, a, p);
        }

        return p;
    }

    /// <summary>Norm outputs for the weight gradients: kept, or computed again into the scratch.</summary>
    private ProjectedTensors RecomputeNorms(IStream stream, AttentionActivations a)
    {
        ProjectedTensors p = Projected(a);
        if (a.Mode == ActivationMode.Recomputed)
        {
            _projectDown.Renorm(stream, a.Input, _weights.InputNorm, _epsilon, p.InputNormed);
            _keyValueUp.Renorm(stream, Latent(a.Down), _weights.KeyValueNorm, LatentEpsilon, p.LatentNormed);
            _queryUp?.Renorm(stream, a.Down.ColumnRange(0, _queryDown), _weights.QueryNorm!, LatentEpsilon, p.QueryLatentNormed);
        }

        return p;
    }
}
