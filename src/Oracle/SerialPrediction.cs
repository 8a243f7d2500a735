using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Oracle;

/// <summary>A multi-token-prediction module of the serial model but for its transformer layer: how it begins, its head, and what both keep of each chunk.</summary>
internal sealed class SerialPrediction : IDisposable
{
    private readonly PredictionInput _input;
    private readonly OutputHead _head;
    private readonly PredictionActivations[] _activations;
    private readonly OutputHeadActivations[] _heads;
    private readonly PredictionTokens[] _tokens;
    private readonly int _vocabulary;

    public SerialPrediction(
        IBackend backend, ModelWeights weights, LayerTemporaries temporaries, int depth, int sources, int maxTokens, ActivationMode mode, int logitsRows)
    {
        ModelConfig config = weights.Config;
        _vocabulary = config.VocabularySize;
        _input = new PredictionInput(weights, depth);
        _head = new OutputHead(weights, temporaries, depth);
        _activations = [.. Enumerable.Range(0, sources).Select(_ => new PredictionActivations(backend, config, maxTokens, mode))];
        _heads = [.. Enumerable.Range(0, sources).Select(_ => new OutputHeadActivations(backend, config, maxTokens, mode, logitsRows))];
        _tokens = [.. Enumerable.Range(0, sources).Select(_ => new PredictionTokens(backend, depth, maxTokens))];
    }

    /// <summary>What the head keeps of a source rank's chunk.</summary>
    public OutputHeadActivations HeadOf(int source) => _heads[source];

    /// <summary>Gradient of the layer's input (tokens, H), filled by the layer's backward.</summary>
    public Tensor InputGradientOf(int source) => _activations[source].OutputGradient;

    /// <summary>Rows that are routed, Int32 (1, tokens).</summary>
    public Tensor KeptOf(int source) => _tokens[source].Kept(_heads[source].Tokens);

    public void SetChunk(IStream stream, int source, ReadOnlySpan<int> ids, ReadOnlySpan<int> targets, int length, bool routesAllRead)
    {
        for (int first = 0; first < ids.Length; first += length)
        {
            ReadOnlySpan<int> own = targets.IsEmpty ? default : targets.Slice(first, length);
            _tokens[source].Set(stream, first, ids.Slice(first, length), own, routesAllRead);
        }

        _activations[source].Tokens = ids.Length;
        _heads[source].SetTokens(ids.Length);
    }

    public void Begin(IStream stream, int source, OutputHeadActivations before, Tensor layerInput) =>
        _input.Forward(stream, _activations[source], _tokens[source].Ids(before.Tokens), before.Hidden, layerInput);

    public void Logits(IStream stream, int source) => _head.Logits(stream, _heads[source]);

    public void Loss(IStream stream, int source, float scale) =>
        _head.Loss(stream, _heads[source], _tokens[source].Targets(_heads[source].Tokens), scale);

    /// <summary>Through the head, after the depth behind it has filled <paramref name="hiddenGradient"/>.</summary>
    public void BackwardHead(IStream stream, int source, Tensor layerOutputGradient, GradientSet gradients, Tensor hiddenGradient) =>
        _head.BackwardInput(stream, _heads[source], layerOutputGradient, gradients, hiddenGradient);

    /// <summary>Through the beginning; returns the gradient of the hidden rows of the depth before.</summary>
    public Tensor BackwardInput(IStream stream, int source, OutputHeadActivations before, GradientSet gradients)
    {
        _input.BackwardInput(stream, _activations[source], before.Hidden, gradients);
        return _activations[source].HiddenGradient;
    }

    public void BackwardInputWeights(IStream stream, int source, GradientSet gradients) =>
        _input.BackwardWeights(stream, _activations[source], _tokens[source].Ids(_heads[source].Tokens), gradients);

    public void BackwardHeadWeights(IStream stream, int source, GradientSet gradients) => _head.BackwardWeights(stream, _heads[source], gradients);

    public void Dispose()
    {
        for (int s = 0; s < _heads.Length; s++)
        {
            _activations[s].Dispose();
            _heads[s].Dispose();
            _tokens[s].Dispose();
        }
    }
}
