using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// What attention's backward for input makes, most of it for its weight gradients. Most chunks need it for a moment only, as their
/// weight gradients follow at once, so it is lent (<see cref="LayerTemporaries"/>) and its memory is still in a cache when it is
/// lent again.
/// </summary>
internal sealed class AttentionGradients : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _heads, _down, _query, _keyValue, _logits;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>, in layers with a gate and without.</summary>
    public AttentionGradients(IBackend backend, ModelConfig config, int maxTokens)
    {
        int queries = config.Heads * config.QueryHeadSize;
        ElementType rows = backend.Precision.Rows;
        var plan = new TensorPlan();
        plan.Add(maxTokens, config.Heads * config.ValueHeadSize, rows);
        plan.Add(maxTokens, (config.QueryRank ?? queries) + config.KeyValueRank + config.RopeHeadSize, rows);
        plan.Add(maxTokens, config.QueryRank is null ? 0 : queries, rows);
        plan.Add(maxTokens, config.Heads * (config.NopeHeadSize + config.ValueHeadSize), rows);
        plan.Add(maxTokens, config.RoutedExperts);
        _arena = plan.Allocate(backend);
        _heads = plan.Next();
        _down = plan.Next();
        _query = plan.Next();
        _keyValue = plan.Next();
        _logits = plan.Next();
    }

    /// <summary>Rows of the chunk that has the loan.</summary>
    public int Tokens { get; set; }

    /// <summary>(tokens, heads · value): of the heads' outputs.</summary>
    public Tensor Heads => Rows(_heads);

    /// <summary>Of the down projection: compressed query (or the query), latent, shared key.</summary>
    public Tensor Down => Rows(_down);

    /// <summary>(tokens, heads · query head); no columns without query LoRA, where it lies in <see cref="Down"/>.</summary>
    public Tensor Query => Rows(_query);

    /// <summary>(tokens, heads · (key without position + value)).</summary>
    public Tensor KeyValue => Rows(_keyValue);

    /// <summary>(tokens, experts): of the gate's logits.</summary>
    public Tensor Logits => Rows(_logits);

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    private Tensor Rows(Tensor tensor) => tensor.RowRange(0, Tokens);
}
