using Actors.Model;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Runtime.Training.Memory;

/// <summary>Bytes of feed-forwards and of codes for a row, by the precision of a device: where products take codes, codes are kept and rows are lent.</summary>
internal static class ExpertMemory
{
    /// <summary>A scale for each tile, beside a byte for each element.</summary>
    private const double Code = 1 + ((double)sizeof(float) / TileCuts.TileElements);

    /// <summary>What routed experts keep of a row that one of them computes, by buffer: input, gate and up, activation.</summary>
    public static double[] Kept(ModelConfig model, Precision precision)
    {
        double row = precision.Rows.SizeInBytes(), inner = model.ExpertIntermediateSize;
        return precision.Quantizes(model.HiddenSize)
            ? [Code * model.HiddenSize, Code * 2 * inner]
            : [row * model.HiddenSize, row * 2 * inner, row * inner];
    }

    /// <summary>What they take of such a row for a moment, by buffer: results, rows sorted by expert, and what is not kept.</summary>
    public static double[] Lent(ModelConfig model, Precision precision)
    {
        double row = precision.Rows.SizeInBytes(), inner = model.ExpertIntermediateSize;
        return precision.Quantizes(model.HiddenSize)
            ? [row * model.HiddenSize, precision.Quantizes(model.ExpertIntermediateSize) ? Code * model.HiddenSize : row * model.HiddenSize, row * 2 * inner, row * inner]
            : [row * model.HiddenSize, row * model.HiddenSize];
    }

    /// <summary>Whether tokens go to experts of other ranks as codes, or gradients of their sums do; as <see cref="Placement.RunPlan.GroupShape"/> has it.</summary>
    public static bool SendsCodes(ModelConfig model, Precision precision) => precision.Quantizes(model.HiddenSize) || precision.Quantizes(model.ExpertIntermediateSize);

    /// <summary>A row of codes with its scales.</summary>
    public static double RowOfCodes(ModelConfig model) => model.HiddenSize + (sizeof(float) * Math.Ceiling((double)model.HiddenSize / TileCuts.TileElements));

    /// <summary>A row on its way to the experts, in the phase in which it takes more.</summary>
    public static double Sent(ModelConfig model, Precision precision) => precision.Quantizes(model.HiddenSize) && precision.Quantizes(model.ExpertIntermediateSize)
        ? RowOfCodes(model)
        : (double)precision.Rows.SizeInBytes() * model.HiddenSize;

    /// <summary>What the other feed-forward of a layer takes of a token for a moment.</summary>
    public static double LentToDense(ModelConfig model, Precision precision) => precision.Quantizes(model.HiddenSize)
        ? precision.Rows.SizeInBytes() * 3.0 * Math.Max(model.IntermediateSize, model.ExpertIntermediateSize * model.SharedExperts)
        : 0;

    /// <summary>Codes of a token for the product that runs: of rows, and for the gradient of a weight of both operands.</summary>
    public static double Codes(ModelConfig model, Precision precision)
    {
        double queries = (double)model.Heads * model.QueryHeadSize, keyValues = (double)model.Heads * (model.NopeHeadSize + model.ValueHeadSize);
        double inner = Math.Max(model.IntermediateSize, model.ExpertIntermediateSize * model.SharedExperts);
        double outputs = Math.Max(Math.Max(queries, keyValues), Math.Max(2 * inner, model.HiddenSize));
        double inputs = Math.Max(Math.Max(model.HiddenSize, inner), (double)model.Heads * model.ValueHeadSize);
        return Of(precision, outputs, inputs);
    }

    /// <summary>The same of a row that an expert computes.</summary>
    public static double ExpertCodes(ModelConfig model, Precision precision) =>
        Of(precision, Math.Max(2.0 * model.ExpertIntermediateSize, model.HiddenSize), Math.Max(model.ExpertIntermediateSize, model.HiddenSize));

    private static double Of(Precision precision, double outputs, double inputs) =>
        precision.Products == ElementType.E4M3 ? Code * (Math.Max(outputs, inputs) + outputs + inputs) : 0;
}
