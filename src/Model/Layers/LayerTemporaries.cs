using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// Memory that a layer needs for a moment, lent to all ranks that share this: those that take turns in a thread then find it in its
/// caches. Ranks may share it only where <see cref="IBackend.RunsAtOnce"/>: on another backend an operation of one rank may still
/// use what was given back when another rank's gets it.
/// </summary>
public sealed class LayerTemporaries : IDisposable
{
    /// <summary>Allocates nothing yet.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    public LayerTemporaries(IBackend backend, ModelConfig config, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        Attention = new WarmPool<AttentionGradients>(() => new AttentionGradients(backend, config, maxTokens));
        Experts = new WarmPool<ExpertTemporaries>(() => new ExpertTemporaries(backend));
        Codes = new WarmPool<QuantizedScratch>(() => new QuantizedScratch(backend));
        FeedForward = new WarmPool<FeedForwardTemporaries>(() => new FeedForwardTemporaries(backend));
        Logits = new WarmPool<LogitsTemporaries>(() => new LogitsTemporaries(backend.For(MemoryKind.Logits)));
    }

    /// <summary>From attention's backward for input to its weight gradients.</summary>
    internal WarmPool<AttentionGradients> Attention { get; }

    /// <summary>During a forward of routed experts, and from their backward for input to their weight gradients.</summary>
    internal WarmPool<ExpertTemporaries> Experts { get; }

    /// <summary>During a product of what is quantized.</summary>
    internal WarmPool<QuantizedScratch> Codes { get; }

    /// <summary>During a forward of a feed-forward that keeps codes, and from its backward for input to its weight gradients.</summary>
    internal WarmPool<FeedForwardTemporaries> FeedForward { get; }

    /// <summary>During a loss of a head whose logits go in blocks, and during its backward for input.</summary>
    internal WarmPool<LogitsTemporaries> Logits { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Attention.Dispose();
        Experts.Dispose();
        Codes.Dispose();
        FeedForward.Dispose();
        Logits.Dispose();
    }
}
