using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>What a <see cref="PredictionInput"/> keeps of one chunk. H: hidden size.</summary>
public sealed class PredictionActivations : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _embedded, _joined, _outputGradient, _joinedGradient, _embeddedRstd, _hiddenRstd;
    private readonly int _hidden;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    public PredictionActivations(IBackend backend, ModelConfig config, int maxTokens, ActivationMode mode)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        int backward = mode == ActivationMode.ForwardOnly ? 0 : maxTokens;
        HasBackward = backward > 0;
        _hidden = config.HiddenSize;
        ElementType rows = backend.Precision.Rows;
        var plan = new TensorPlan();
        plan.Add(maxTokens, _hidden, rows);
        plan.Add(maxTokens, 2 * _hidden, rows);
        plan.Add(backward, _hidden, rows);
        plan.Add(backward, 2 * _hidden, rows);
        plan.Add(1, backward);
        plan.Add(1, backward);
        _arena = plan.Allocate(backend);
        _embedded = plan.Next();
        _joined = plan.Next();
        _outputGradient = plan.Next();
        _joinedGradient = plan.Next();
        _embeddedRstd = plan.Next();
        _hiddenRstd = plan.Next();
    }

    /// <summary>Rows of the present chunk.</summary>
    public int Tokens { get; set; }

    /// <summary>Filled by the caller before the backward: gradient of the layer's input (tokens, H).</summary>
    public Tensor OutputGradient => _outputGradient.RowRange(0, Tokens);

    /// <summary>After the backward: gradient of the hidden rows that the module went on from (tokens, H), a part of longer rows.</summary>
    public Tensor HiddenGradient => JoinedGradient.ColumnRange(_hidden, _hidden);

    internal Tensor Embedded => _embedded.RowRange(0, Tokens);

    internal Tensor Joined => _joined.RowRange(0, Tokens);

    internal Tensor JoinedEmbedding => Joined.ColumnRange(0, _hidden);

    internal Tensor JoinedHidden => Joined.ColumnRange(_hidden, _hidden);

    internal Tensor JoinedGradient => _joinedGradient.RowRange(0, Tokens);

    internal Tensor EmbeddedGradient => JoinedGradient.ColumnRange(0, _hidden);

    internal Tensor EmbeddedRstd => HasBackward ? _embeddedRstd.ColumnRange(0, Tokens) : default;

    internal Tensor HiddenRstd => HasBackward ? _hiddenRstd.ColumnRange(0, Tokens) : default;

    private bool HasBackward { get; }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();
}
