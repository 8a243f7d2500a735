using Actors.Tensors;

namespace Actors.Model.Parameters;

/// <summary>Which matrices of transformer layers a precision cannot quantize.</summary>
public static class UnquantizedMatrices
{
    /// <summary>Matrices of a model whose products stay as the rows are, though the precision quantizes those of others: the elements that they sum over fill no whole tiles.</summary>
    /// <param name="model">Sizes.</param>
    /// <param name="precision">The precision.</param>
    /// <returns>Names as in a checkpoint, and how many elements the product sums over.</returns>
    public static IReadOnlyList<(string Name, int Contracted)> Of(ModelConfig model, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(precision);
        return precision.Products == precision.Rows ? [] : [.. All(model).Where(matrix => matrix.Contracted > 0 && !precision.Quantizes(matrix.Contracted))];
    }

    private static IEnumerable<(string Name, int Contracted)> All(ModelConfig model) =>
    [
        (model.QueryRank is null ? "q_proj, kv_a_proj_with_mqa" : "q_a_proj, kv_a_proj_with_mqa", model.HiddenSize),
        ("q_b_proj", model.QueryRank ?? 0),
        ("kv_b_proj", model.KeyValueRank),
        ("o_proj", model.Heads * model.ValueHeadSize),
        ("gate_proj, up_proj", model.HiddenSize),
        ("mlp.down_proj", model.FirstDenseLayers > 0 ? model.IntermediateSize : 0),
        ("experts.N.down_proj", model.AllLayers > model.FirstDenseLayers ? model.ExpertIntermediateSize : 0),
        ("shared_experts.down_proj", model.AllLayers > model.FirstDenseLayers ? model.ExpertIntermediateSize * model.SharedExperts : 0),
    ];
}
