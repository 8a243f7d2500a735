using Actors.Model.Placement;
using Actors.Tensors;

namespace Actors.Model.Parameters;

/// <summary>The values of one transformer layer. H: hidden size; shapes are (outputs, inputs).</summary>
public sealed class LayerWeights
{
    internal LayerWeights(IBackend backend, ModelConfig config, int layer, IReadOnlyList<ExpertRange> experts)
    {
        Layer = layer;
        HasExperts = config.HasExperts(layer);
        string prefix = $"model.layers.{layer}";
        string attention = $"{prefix}.self_attn";
        int hidden = config.HiddenSize;
        int queries = config.Heads * config.QueryHeadSize;
        int keyValues = config.Heads * (config.NopeHeadSize + config.ValueHeadSize);
        int compressed = config.KeyValueRank + config.RopeHeadSize;
        InputNorm = ParameterBlock.Vector(backend, $"{prefix}.input_layernorm.weight", hidden, InitialValue.One);
        if (config.QueryRank is { } rank)
        {
            Down = ParameterBlock.Projection(
                backend, $"{attention}.q_a_kv_a_proj", 1, hidden, ($"{attention}.q_a_proj.weight", rank), ($"{attention}.kv_a_proj_with_mqa.weight", compressed));
            QueryNorm = ParameterBlock.Vector(backend, $"{attention}.q_a_layernorm.weight", rank, InitialValue.One);
            QueryUp = ParameterBlock.Projection(backend, $"{attention}.q_b_proj", 1, rank, ($"{attention}.q_b_proj.weight", queries));
        }
        else
        {
            Down = ParameterBlock.Projection(
                backend, $"{attention}.q_kv_a_proj", 1, hidden, ($"{attention}.q_proj.weight", queries), ($"{attention}.kv_a_proj_with_mqa.weight", compressed));
        }

        KeyValueNorm = ParameterBlock.Vector(backend, $"{attention}.kv_a_layernorm.weight", config.KeyValueRank, InitialValue.One);
        KeyValueUp = ParameterBlock.Projection(backend, $"{attention}.kv_b_proj", 1, config.KeyValueRank, ($"{attention}.kv_b_proj.weight", keyValues));
        Output = ParameterBlock.Projection(
            backend, $"{attention}.o_proj", 1, config.Heads * config.ValueHeadSize, ($"{attention}.o_proj.weight", hidden));
        PostAttentionNorm = ParameterBlock.Vector(backend, $"{prefix}.post_attention_layernorm.weight", hidden, InitialValue.One);
        string feedForward = HasExperts ? $"{prefix}.mlp.shared_experts" : $"{prefix}.mlp";
        int inner = HasExperts ? config.ExpertIntermediateSize * config.SharedExperts : config.IntermediateSize;
        if (HasExperts)
        {
            Gate = ParameterBlock.Linear(backend, $"{prefix}.mlp.gate", 1, hidden, ($"{prefix}.mlp.gate.weight", config.RoutedExperts));
            CorrectionBias = ParameterBlock.Vector(
                backend, $"{prefix}.mlp.gate.e_score_correction_bias", config.RoutedExperts, InitialValue.Zero, isTrained: false);
        }

        if (inner > 0)
        {
            GateUp = ParameterBlock.Projection(
                backend, $"{feedForward}.gate_up_proj", 1, hidden, ($"{feedForward}.gate_proj.weight", inner), ($"{feedForward}.up_proj.weight", inner));
            FeedForwardDown = ParameterBlock.Projection(backend, $"{feedForward}.down_proj", 1, inner, ($"{feedForward}.down_proj.weight", hidden));
        }

        Experts = HasExperts ? [.. experts.Select(range => new ExpertWeights(backend, config, layer, range))] : [];
    }

    /// <summary>Number of the layer.</summary>
    public int Layer { get; }

    /// <summary>Whether the layer has a gate and experts instead of a dense feed-forward.</summary>
    public bool HasExperts { get; }

    /// <summary>Weight of the norm before attention (1, H).</summary>
    public ParameterBlock InputNorm { get; }

    /// <summary>
    /// What attention multiplies its normed input with: rows of q_a_proj (or of q_proj where the query has no LoRA), then of
    /// kv_a_proj_with_mqa (latent, then shared key).
    /// </summary>
    public ParameterBlock Down { get; }

    /// <summary>Weight of the norm of the compressed query; null without query LoRA.</summary>
    public ParameterBlock? QueryNorm { get; }

    /// <summary>q_b_proj; null without query LoRA.</summary>
    public ParameterBlock? QueryUp { get; }

    /// <summary>Weight of the latent's norm.</summary>
    public ParameterBlock KeyValueNorm { get; }

    /// <summary>kv_b_proj.</summary>
    public ParameterBlock KeyValueUp { get; }

    /// <summary>o_proj.</summary>
    public ParameterBlock Output { get; }

    /// <summary>Weight of the norm after attention (1, H).</summary>
    public ParameterBlock PostAttentionNorm { get; }

    /// <summary>The gate (experts, H); null in a dense layer.</summary>
    public ParameterBlock? Gate { get; }

    /// <summary>Correction bias (1, experts), not trained by gradients; null in a dense layer.</summary>
    public ParameterBlock? CorrectionBias { get; }

    /// <summary>Gate rows, then up rows of the dense feed-forward or the shared expert (2F, H); null without shared experts.</summary>
    public ParameterBlock? GateUp { get; }

    /// <summary>Down projection of the dense feed-forward or the shared expert (H, F); null without shared experts.</summary>
    public ParameterBlock? FeedForwardDown { get; }

    /// <summary>Routed experts, one entry a range of the <see cref="ModelPart"/>; empty in a dense layer.</summary>
    public IReadOnlyList<ExpertWeights> Experts { get; }

    /// <summary>The routed experts of one range of the part.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part doesn't have it.</exception>
    public ExpertWeights ExpertsOf(ExpertRange range)
    {
        foreach (ExpertWeights experts in Experts)
        {
            if (experts.Range == range)
            {
                return experts;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(range), range, "The part doesn't have these experts.");
    }

    /// <summary>Every block but the routed experts', in a fixed order.</summary>
    public IEnumerable<ParameterBlock> Blocks()
    {
        ParameterBlock?[] all =
        [
            InputNorm, Down, QueryNorm, QueryUp, KeyValueNorm, KeyValueUp, Output, PostAttentionNorm, Gate, CorrectionBias, GateUp,
            FeedForwardDown,
        ];
        return all.OfType<ParameterBlock>();
    }
}
