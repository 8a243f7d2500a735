using System.Buffers;
using System.Text.Json;

namespace Actors.Model.Checkpoint;

/// <summary>The text of a config.json.</summary>
internal static class HubConfigText
{
    /// <summary>Sorted keys, two spaces of indentation.</summary>
    /// <param name="model">What the known keys say.</param>
    /// <param name="others">JSON text of the keys that are kept.</param>
    /// <param name="spelling">Whether rope_parameters is written, or the older rope_theta and rope_scaling, or both.</param>
    public static ReadOnlySpan<byte> Format(ModelConfig model, IReadOnlyDictionary<string, string> others, RopeSpelling spelling)
    {
        var keys = new SortedDictionary<string, Action<Utf8JsonWriter>>(StringComparer.Ordinal);
        foreach ((string key, string json) in others)
        {
            keys[key] = writer => writer.WriteRawValue(json, skipInputValidation: true);
        }

        AddSizes(keys, model);
        AddRules(keys, model);
        if (spelling.HasFlag(RopeSpelling.Present))
        {
            keys["rope_parameters"] = writer => WriteRope(writer, model.Rope, "rope_type", withTheta: true);
        }

        if (spelling.HasFlag(RopeSpelling.Older))
        {
            keys["rope_theta"] = writer => writer.WriteNumberValue(model.Rope.Theta);
            keys["rope_scaling"] = writer =>
            {
                if (model.Rope.Yarn is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    WriteRope(writer, model.Rope, "type", withTheta: false);
                }
            };
        }

        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            foreach ((string key, Action<Utf8JsonWriter> write) in keys)
            {
                writer.WritePropertyName(key);
                write(writer);
            }

            writer.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.WrittenSpan;
    }

    private static void AddSizes(SortedDictionary<string, Action<Utf8JsonWriter>> keys, ModelConfig model)
    {
        AddInt("vocab_size", model.VocabularySize);
        AddInt("hidden_size", model.HiddenSize);
        AddInt("intermediate_size", model.IntermediateSize);
        AddInt("moe_intermediate_size", model.ExpertIntermediateSize);
        AddInt("num_hidden_layers", model.Layers);
        AddInt("num_attention_heads", model.Heads);
        AddInt("num_key_value_heads", model.Heads);
        AddInt("head_dim", model.RopeHeadSize);
        AddInt("kv_lora_rank", model.KeyValueRank);
        AddInt("q_lora_rank", model.QueryRank);
        AddInt("qk_head_dim", model.QueryHeadSize);
        AddInt("qk_nope_head_dim", model.NopeHeadSize);
        AddInt("qk_rope_head_dim", model.RopeHeadSize);
        AddInt("v_head_dim", model.ValueHeadSize);
        AddInt("max_position_embeddings", model.MaxPositions);
        AddInt("num_nextn_predict_layers", model.PredictLayers);
        AddInt("bos_token_id", model.BeginTokenId);
        keys["eos_token_id"] = writer => WriteEndTokens(writer, model.EndTokenIds);

        void AddInt(string key, int? value) => keys[key] = writer =>
        {
            if (value is { } number)
            {
                writer.WriteNumberValue(number);
            }
            else
            {
                writer.WriteNullValue();
            }
        };
    }

    private static void AddRules(SortedDictionary<string, Action<Utf8JsonWriter>> keys, ModelConfig model)
    {
        keys.TryAdd("model_type", writer => writer.WriteStringValue("deepseek_v3"));
        keys["hidden_act"] = writer => writer.WriteStringValue("silu");
        keys["attention_bias"] = writer => writer.WriteBooleanValue(false);
        keys["attention_dropout"] = writer => writer.WriteNumberValue(0);
        keys["rope_interleave"] = writer => writer.WriteBooleanValue(true);
        keys["tie_word_embeddings"] = writer => writer.WriteBooleanValue(model.TieWordEmbeddings);
        keys["initializer_range"] = writer => writer.WriteNumberValue(model.InitializerRange);
        keys["rms_norm_eps"] = writer => writer.WriteNumberValue(model.RmsNormEpsilon);
        if (model.SharedExperts > 0 || !keys.ContainsKey("n_shared_experts"))
        {
            keys["n_shared_experts"] = writer => writer.WriteNumberValue(model.SharedExperts);
        }

        keys["n_routed_experts"] = writer => writer.WriteNumberValue(model.RoutedExperts);
        keys["routed_scaling_factor"] = writer => writer.WriteNumberValue(model.RoutedScalingFactor);
        keys["n_group"] = writer => writer.WriteNumberValue(model.ExpertGroups);
        keys["topk_group"] = writer => writer.WriteNumberValue(model.ExpertGroupsKept);
        keys["num_experts_per_tok"] = writer => writer.WriteNumberValue(model.ExpertsPerToken);
        keys["first_k_dense_replace"] = writer => writer.WriteNumberValue(model.FirstDenseLayers);
        keys["norm_topk_prob"] = writer => writer.WriteBooleanValue(model.NormalizeExpertWeights);
        keys["scoring_func"] = writer => writer.WriteStringValue("sigmoid");
        keys["topk_method"] = writer => writer.WriteStringValue("noaux_tc");
    }

    private static void WriteEndTokens(Utf8JsonWriter writer, EndTokens tokens)
    {
        if (!tokens.IsList && tokens.Ids.IsEmpty)
        {
            writer.WriteNullValue();
            return;
        }

        if (tokens.IsList)
        {
            writer.WriteStartArray();
        }

        foreach (int id in tokens.Ids)
        {
            writer.WriteNumberValue(id);
        }

        if (tokens.IsList)
        {
            writer.WriteEndArray();
        }
    }

    private static void WriteRope(Utf8JsonWriter writer, RopeConfig rope, string typeKey, bool withTheta)
    {
        writer.WriteStartObject();
        if (rope.Yarn is { } yarn)
        {
            WriteOptional("attention_factor", yarn.AttentionFactor);
            writer.WriteNumber("beta_fast", yarn.BetaFast);
            writer.WriteNumber("beta_slow", yarn.BetaSlow);
            writer.WriteNumber("factor", yarn.Factor);
            WriteOptional("mscale", yarn.Mscale);
            WriteOptional("mscale_all_dim", yarn.MscaleAllDim);
            writer.WriteNumber("original_max_position_embeddings", yarn.OriginalMaxPositions);
        }

        if (withTheta)
        {
            writer.WriteNumber("rope_theta", rope.Theta);
        }

        writer.WriteString(typeKey, rope.Yarn is null ? "default" : "yarn");
        writer.WriteEndObject();

        void WriteOptional(string key, double? value)
        {
            if (value is { } number)
            {
                writer.WriteNumber(key, number);
            }
        }
    }
}
