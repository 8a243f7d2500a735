using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>Attention's norm outputs and up-projections, which a backward can compute again. Rows: the planned maximum.</summary>
/// <param name="InputNormed">(tokens, H).</param>
/// <param name="QueryLatentNormed">(tokens, query rank); no columns without query LoRA.</param>
/// <param name="Query">(tokens, heads · query head), rotated; no columns without query LoRA, where it lies in the down projection.</param>
/// <param name="LatentNormed">(tokens, latent).</param>
/// <param name="KeyValue">(tokens, heads · (key without position + value)).</param>
internal readonly record struct ProjectedTensors(
    Tensor InputNormed, Tensor QueryLatentNormed, Tensor Query, Tensor LatentNormed, Tensor KeyValue)
{
    public static void Plan(TensorPlan plan, ModelConfig config, int maxTokens, ElementType rows)
    {
        plan.Add(maxTokens, config.HiddenSize, rows);
        plan.Add(maxTokens, config.QueryRank ?? 0, rows);
        plan.Add(maxTokens, config.QueryRank is null ? 0 : config.Heads * config.QueryHeadSize, rows);
        plan.Add(maxTokens, config.KeyValueRank, rows);
        plan.Add(maxTokens, config.Heads * (config.NopeHeadSize + config.ValueHeadSize), rows);
    }

    public static ProjectedTensors Take(TensorPlan plan) => new(plan.Next(), plan.Next(), plan.Next(), plan.Next(), plan.Next());

    /// <summary>The first <paramref name="tokens"/> rows of each.</summary>
    public ProjectedTensors First(int tokens) => new(
        InputNormed.RowRange(0, tokens),
        QueryLatentNormed.RowRange(0, tokens),
        Query.RowRange(0, tokens),
        LatentNormed.RowRange(0, tokens),
        KeyValue.RowRange(0, tokens));
}
