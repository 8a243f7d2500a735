using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Tensors;

namespace Actors.Oracle;

/// <summary>Losses and gradients.</summary>
public sealed partial class SerialModel
{
    /// <summary>
    /// After <see cref="Forward"/>: for the main model and each module Σ of the micro-batch's losses in nats, in float64: each chunk's tokens in order, then
    /// chunks by source rank. Replaces logits by their gradient unless the mode keeps no backward or they go in blocks.
    /// </summary>
    /// <param name="scales">Factor of every gradient, for each of them.</param>
    /// <param name="sums">Output, for each of them.</param>
    public void Loss(ReadOnlySpan<float> scales, Span<double> sums)
    {
        if (scales.Length != 1 + _predictions.Length || sums.Length != scales.Length)
        {
            throw new ArgumentException($"{scales.Length} scales and {sums.Length} sums for {1 + _predictions.Length} losses.", nameof(scales));
        }

        for (int depth = 0; depth < sums.Length; depth++)
        {
            for (int s = 0; s < _chunks.Length; s++)
            {
                if (depth == 0)
                {
                    _head.Loss(_stream, _chunks[s].Head, _chunks[s].Targets, scales[0]);
                }
                else
                {
                    _predictions[depth - 1].Loss(_stream, s, scales[depth]);
                }

                double chunkSum = 0;
                foreach (float loss in _reader.Read<float>(HeadOf(depth, s).Losses))
                {
                    chunkSum += loss;
                }

                sums[depth] = s == 0 ? chunkSum : sums[depth] + chunkSum;
            }
        }
    }

    /// <summary>
    /// After <see cref="Loss"/>: adds the micro-batch's gradients, per layer first for the input, then the weights; to those of the shared embedding and head
    /// the deepest module's first. The projection's is added at the end, source rank by source rank; where logits go in blocks with each head's backward for the
    /// input, so depth by depth.
    /// </summary>
    /// <param name="gradients">Added to.</param>
    /// <param name="balanceScale">Factor of the balance loss's gradient; 0: it has none.</param>
    /// <returns>The balance loss of the micro-batch's sequences over all layers, see <see cref="BalanceLoss.Sum"/>; 0 without it.</returns>
    public long Backward(GradientSet gradients, float balanceScale = 0)
    {
        if (balanceScale != 0)
        {
            _stream.Zero(_balances);
        }

        for (int s = 0; s < _chunks.Length; s++)
        {
            BackwardHead(_predictions.Length, s, hiddenGradient: default, gradients);
        }

        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            BackwardLayerInput(layer, gradients, balanceScale);
            BackwardLayerWeights(layer, gradients);
        }

        for (int s = 0; s < _chunks.Length; s++)
        {
            for (int depth = _predictions.Length; depth > 0; depth--)
            {
                _predictions[depth - 1].BackwardHeadWeights(_stream, s, gradients);
            }

            _head.BackwardWeights(_stream, _chunks[s].Head, gradients);
        }

        foreach (SerialChunk chunk in _chunks)
        {
            _embedding.BackwardWeights(_stream, chunk.Ids, chunk.EmbeddingGradient, gradients);
        }

        return balanceScale == 0 ? 0 : BalanceLoss.Sum(_reader.ReadFloats(_balances));
    }

    private void BackwardLayerInput(int layer, GradientSet gradients, float balanceScale)
    {
        TransformerLayer part = _layers[layer];
        LayerActivations[] sources = _activations[layer];
        foreach (LayerActivations source in sources)
        {
            part.BackwardFeedForwardInput(_stream, source);
        }

        if (_exchanges[layer] is { } exchange)
        {
            exchange.BackwardInput(_stream, sources);
            foreach (LayerActivations source in sources)
            {
                part.BackwardCombine(_stream, source);
            }
        }

        for (int s = 0; s < sources.Length; s++)
        {
            Tensor balances = _balances.RowRange((layer * sources.Length) + s, 1).ColumnRange(0, _chunks[s].Layout.Sequences);
            part.Attention.BackwardInput(
                _stream, sources[s].Attention, _chunks[s].Layout, InputGradientOf(layer, s), gradients, new GateBalance(balanceScale, balances));
            if (layer >= Config.Layers)
            {
                int depth = layer - Config.Layers;
                BackwardHead(depth, s, _predictions[depth].BackwardInput(_stream, s, HeadOf(depth, s), gradients), gradients);
            }
        }
    }

    private void BackwardHead(int depth, int source, Tensor hiddenGradient, GradientSet gradients)
    {
        Tensor gradient = _activations[Config.Layers + depth - 1][source].Attention.OutputGradient;
        if (depth == 0)
        {
            _head.BackwardInput(_stream, _chunks[source].Head, gradient, gradients, hiddenGradient);
        }
        else
        {
            _predictions[depth - 1].BackwardHead(_stream, source, gradient, gradients, hiddenGradient);
        }
    }

    private void BackwardLayerWeights(int layer, GradientSet gradients)
    {
        foreach (LayerActivations source in _activations[layer])
        {
            _layers[layer].BackwardFeedForwardWeights(_stream, source, gradients);
            _layers[layer].Attention.BackwardWeights(_stream, source.Attention, gradients);
        }

        _exchanges[layer]?.BackwardWeights(_stream, gradients);
        for (int s = 0; layer >= Config.Layers && s < _chunks.Length; s++)
        {
            _predictions[layer - Config.Layers].BackwardInputWeights(_stream, s, gradients);
        }
    }

    /// <summary>Gradient of a layer's input: of the output before it, or of what the embedding or a module's projection gave.</summary>
    private Tensor InputGradientOf(int layer, int source) =>
        layer == 0 ? _chunks[source].EmbeddingGradient
        : layer >= Config.Layers ? _predictions[layer - Config.Layers].InputGradientOf(source)
        : _activations[layer - 1][source].Attention.OutputGradient;
}
