using System.Collections.Immutable;
using Actors.Model;

namespace Actors.Runtime.Configuration;

/// <summary>Every key of <c>actors.model</c> that says what the model is.</summary>
public static class ModelKeys
{
    /// <summary>The keys. A key whose hub name begins another one's stands behind it.</summary>
    public static IReadOnlyList<ModelKey> All { get; } =
    [
        new("vocabulary-size", "vocab_size", model => model.VocabularySize),
        new("expert-intermediate-size", "moe_intermediate_size", model => model.ExpertIntermediateSize),
        new("hidden-size", "hidden_size", model => model.HiddenSize),
        new("intermediate-size", "intermediate_size", model => model.IntermediateSize),
        new("layers", "num_hidden_layers", model => model.Layers),
        new("first-dense-layers", "first_k_dense_replace", model => model.FirstDenseLayers),
        new("heads", "num_attention_heads", model => model.Heads),
        new("query-rank", "q_lora_rank", model => model.QueryRank),
        new("key-value-rank", "kv_lora_rank", model => model.KeyValueRank),
        new("rope-head-size", "qk_rope_head_dim", model => model.RopeHeadSize),
        new("nope-head-size", "qk_nope_head_dim", model => model.NopeHeadSize),
        new("value-head-size", "v_head_dim", model => model.ValueHeadSize),
        new("routed-experts", "n_routed_experts", model => model.RoutedExperts),
        new("shared-experts", "n_shared_experts", model => model.SharedExperts),
        new("experts-per-token", "num_experts_per_tok", model => model.ExpertsPerToken),
        new("expert-groups", "n_group", model => model.ExpertGroups),
        new("expert-groups-kept", "topk_group", model => model.ExpertGroupsKept),
        new("routed-scaling-factor", "routed_scaling_factor", model => model.RoutedScalingFactor),
        new("normalize-expert-weights", "norm_topk_prob", model => model.NormalizeExpertWeights),
        new("rope.yarn.original-max-positions", "original_max_position_embeddings", model => model.Rope.Yarn?.OriginalMaxPositions),
        new("max-positions", "max_position_embeddings", model => model.MaxPositions),
        new("initializer-range", "initializer_range", model => model.InitializerRange),
        new("rms-norm-epsilon", "rms_norm_eps", model => model.RmsNormEpsilon),
        new("tie-word-embeddings", "tie_word_embeddings", model => model.TieWordEmbeddings),
        new("predict-layers", "num_nextn_predict_layers", model => model.PredictLayers),
        new("begin-token", "bos_token_id", model => model.BeginTokenId),
        new("end-token", "eos_token_id", model => OneOrAll(model.EndTokenIds.Ids)),
        new("rope.theta", "rope_theta", model => model.Rope.Theta),
        new("rope.yarn.beta-fast", "beta_fast", model => model.Rope.Yarn?.BetaFast),
        new("rope.yarn.beta-slow", "beta_slow", model => model.Rope.Yarn?.BetaSlow),
        new("rope.yarn.mscale-all-dim", "mscale_all_dim", model => model.Rope.Yarn?.MscaleAllDim),
        new("rope.yarn.mscale", "mscale", model => model.Rope.Yarn?.Mscale),
        new("rope.yarn.attention-factor", "attention_factor", model => model.Rope.Yarn?.AttentionFactor),
        new("rope.yarn.factor", "factor", model => model.Rope.Yarn?.Factor),
    ];

    /// <summary>The keys that were set, in a profile or by an option, to something else than <paramref name="model"/> has.</summary>
    public static IEnumerable<(ModelKey Key, EffectiveSetting Set)> SetAgainst(ActorsSettings settings, ModelConfig model)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (ModelKey key in All)
        {
            EffectiveSetting? set = settings.Effective.FirstOrDefault(setting => setting.Key == key.FullKey);
            if (set is { Origin.IsDefault: false } && !Equals(key.ValueIn(settings.Model.Config), key.ValueIn(model)))
            {
                yield return (key, set);
            }
        }
    }

    /// <summary>A key of one number stands for a list of one, too.</summary>
    private static object? OneOrAll(ImmutableArray<int> ids) => ids.Length switch
    {
        0 => null,
        1 => ids[0],
        _ => string.Join(", ", ids),
    };
}
