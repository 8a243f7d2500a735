using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>What the <see cref="OutputHead"/> receives, returns and keeps of one chunk.</summary>
public sealed class OutputHeadActivations : IDisposable
{
    private readonly Arena _arena, _logitsArena;
    private readonly Tensor _input, _normed, _logits, _losses, _rstd;
    private readonly bool _backward;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="mode">What to keep.</param>
    /// <param name="blockRows">Rows of a block of logits, of which none are kept (<see cref="LogitsBlocks.RowsOf"/>); 0: logits are whole.</param>
    public OutputHeadActivations(IBackend backend, ModelConfig config, int maxTokens, ActivationMode mode, int blockRows)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        BlockRows = blockRows;
        _backward = mode != ActivationMode.ForwardOnly;
        int backward = _backward ? maxTokens : 0;
        MaxTokens = maxTokens;
        ElementType rows = backend.Precision.Rows;
        var plan = new TensorPlan();
        plan.Add(maxTokens, config.HiddenSize, rows);
        plan.Add(maxTokens, config.HiddenSize, rows);
        plan.Add(1, maxTokens);
        plan.Add(1, backward);
        _arena = plan.Allocate(backend);
        // Where no backward follows somebody reads them: they are not rounded.
        LogitsType = _backward ? rows : ElementType.Float32;
        int whole = IsInBlocks ? 0 : maxTokens;
        _logitsArena = new Arena(backend.For(MemoryKind.Logits), Arena.Plan(whole, config.VocabularySize, LogitsType));
        _logits = _logitsArena.Take(whole, config.VocabularySize, LogitsType);
        _input = plan.Next();
        _normed = plan.Next();
        _losses = plan.Next();
        _rstd = plan.Next();
    }

    /// <summary>Rows that fit.</summary>
    public int MaxTokens { get; }

    /// <summary>Rows of the present chunk.</summary>
    public int Tokens { get; private set; }

    /// <summary>Filled by the caller before the forward: output of the last layer (tokens, H).</summary>
    public Tensor Input => _input.RowRange(0, Tokens);

    /// <summary>Whether logits are computed in blocks of rows and none are kept.</summary>
    public bool IsInBlocks => BlockRows > 0;

    /// <summary>
    /// (tokens, vocabulary): logits after <see cref="OutputHead.Logits"/>; after <see cref="OutputHead.Loss"/>, their gradient
    /// where a backward is kept.
    /// </summary>
    /// <exception cref="InvalidOperationException">They go in blocks.</exception>
    public Tensor Logits => IsInBlocks ? throw new InvalidOperationException("Logits go in blocks of rows, and none are kept.") : _logits.RowRange(0, Tokens);

    /// <summary>Cross entropy of each token in nats, not scaled (1, tokens).</summary>
    public Tensor Losses => _losses.ColumnRange(0, Tokens);

    internal bool HasBackward => _backward;

    internal int BlockRows { get; }

    internal ElementType LogitsType { get; }

    /// <summary>What the loss was taken with, which a backward in blocks takes again: targets Int32 (1, tokens), and the gradients' factor.</summary>
    internal (Tensor Targets, float Scale) Loss { get; set; }

    /// <summary>Normed input (tokens, H), after <see cref="OutputHead.Logits"/>: what a prediction module goes on from.</summary>
    public Tensor Hidden => _normed.RowRange(0, Tokens);

    internal Tensor Rstd => _backward ? _rstd.ColumnRange(0, Tokens) : default;

    /// <summary>Sets the rows of the next chunk; 0 or more.</summary>
    public void SetTokens(int tokens)
    {
        if (tokens < 0 || tokens > MaxTokens)
        {
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"Planned were at most {MaxTokens} tokens.");
        }

        Tokens = tokens;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _arena.Dispose();
        _logitsArena.Dispose();
    }
}
