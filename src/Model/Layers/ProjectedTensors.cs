using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>
/// Attention's norm outputs and up-projections, which a backward can compute again. Activations have what they keep; the scratch of a stream has what is not kept,
/// and the rows of what is kept as codes or packed. Each tensor is absent where it lies in the other one. Rows: the planned maximum.
/// </summary>
/// <param name="InputNormed">(tokens, H).</param>
/// <param name="QueryLatentNormed">(tokens, query rank); no columns without query LoRA.</param>
/// <param name="Query">(tokens, heads · query head), rotated; no columns without query LoRA, where it lies in the down projection.</param>
/// <param name="LatentNormed">(tokens, latent).</param>
/// <param name="KeyValue">(tokens, heads · (key without position + value)).</param>
/// <param name="Heads">(tokens, heads · value), where the output projection takes codes; else activations have it.</param>
internal readonly record struct ProjectedTensors(
    ProductRows InputNormed, ProductRows QueryLatentNormed, Tensor Query, ProductRows LatentNormed, Tensor KeyValue, Tensor Heads)
{
    /// <summary>Plans the tensors of activations or of a scratch.</summary>
    /// <param name="plan">Takes the shapes.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="tokens">Rows.</param>
    /// <param name="precision">Of the device.</param>
    /// <param name="isKept">Whether activations keep them.</param>
    /// <param name="isScratch">Whether these are the scratch's.</param>
    public static void Plan(TensorPlan plan, ModelConfig config, int tokens, Precision precision, bool isKept, bool isScratch) =>
        Go(plan, config, tokens, precision, isKept, isScratch, takes: false);

    /// <summary>The tensors as they were planned.</summary>
    /// <inheritdoc cref="Plan"/>
    public static ProjectedTensors Take(TensorPlan plan, ModelConfig config, int tokens, Precision precision, bool isKept, bool isScratch) =>
        Go(plan, config, tokens, precision, isKept, isScratch, takes: true);

    /// <summary>Those of activations, completed by those of the scratch.</summary>
    public ProjectedTensors With(in ProjectedTensors scratch) => new(
        InputNormed.With(scratch.InputNormed),
        QueryLatentNormed.With(scratch.QueryLatentNormed),
        Query.IsAbsent ? scratch.Query : Query,
        LatentNormed.With(scratch.LatentNormed),
        KeyValue.IsAbsent ? scratch.KeyValue : KeyValue,
        scratch.Heads);

    /// <summary>The first <paramref name="tokens"/> rows of each.</summary>
    public ProjectedTensors First(int tokens) => new(
        InputNormed.First(tokens),
        QueryLatentNormed.First(tokens),
        Query.RowRange(0, tokens),
        LatentNormed.First(tokens),
        KeyValue.RowRange(0, tokens),
        Heads.IsAbsent ? Heads : Heads.RowRange(0, tokens));

    private static ProjectedTensors Go(TensorPlan plan, ModelConfig config, int tokens, Precision precision, bool isKept, bool isScratch, bool takes)
    {
        bool isHere = isKept != isScratch;
        int values = config.Heads * config.ValueHeadSize;
        return new ProjectedTensors(
            Normed(config.HiddenSize),
            Normed(config.QueryRank ?? 0),
            Rows(isHere, config.QueryRank is null ? 0 : config.Heads * config.QueryHeadSize),
            Normed(config.KeyValueRank),
            Rows(isHere, config.Heads * (config.NopeHeadSize + config.ValueHeadSize)),
            Rows(isScratch && precision.Quantizes(values), values));

        ProductRows Normed(int columns)
        {
            bool isQuantized = precision.Quantizes(columns);
            return new ProductRows(Rows(isQuantized ? isScratch : isHere, columns), isQuantized && isHere ? Codes(new TileCuts(columns)) : default);
        }

        Tensor Rows(bool isNeeded, int columns)
        {
            if (isNeeded && !takes)
            {
                plan.Add(tokens, columns, precision.Rows);
            }

            return isNeeded && takes ? plan.Next() : default;
        }

        QuantizedRows Codes(TileCuts cuts)
        {
            if (takes)
            {
                return plan.NextQuantized(cuts);
            }

            plan.AddQuantized(tokens, cuts);
            return default;
        }
    }
}
