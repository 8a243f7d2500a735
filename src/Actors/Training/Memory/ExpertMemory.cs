using Actors.Model;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Runtime.Training.Memory;

/// <summary>Bytes of feed-forwards and of codes, by the precision of a device: where products take codes, codes are kept and rows are lent. Each buffer grows on its own.</summary>
internal static class ExpertMemory
{
    /// <summary>What routed experts keep of a row that one of them computes, by buffer: input, gate and up, activation; as codes with scales.</summary>
    public static double[] Kept(ModelConfig model, Precision precision)
    {
        double row = precision.Rows.SizeInBytes(), inner = model.ExpertIntermediateSize;
        return precision.Quantizes(model.HiddenSize)
            ? [model.HiddenSize, Scales(new TileCuts(model.HiddenSize)), 2 * inner, Scales(new TileCuts(2 * model.ExpertIntermediateSize, model.ExpertIntermediateSize))]
            : [row * model.HiddenSize, row * 2 * inner, row * inner];
    }

    /// <summary>What they take of such a row for a moment, by buffer: results, rows sorted by expert, gradients of weights, and what is not kept.</summary>
    public static double[] Lent(ModelConfig model, Precision precision)
    {
        double row = precision.Rows.SizeInBytes();
        double[] gradients = precision.Quantizes(model.ExpertIntermediateSize) ? [model.HiddenSize, Scales(new TileCuts(model.HiddenSize))] : [row * model.HiddenSize];
        return [.. LentToForward(model, precision), .. gradients, sizeof(float)];
    }

    /// <summary>The same of a forward alone.</summary>
    public static double[] LentToForward(ModelConfig model, Precision precision)
    {
        double row = precision.Rows.SizeInBytes(), inner = model.ExpertIntermediateSize;
        return precision.Quantizes(model.HiddenSize) ? [row * model.HiddenSize, row * 2 * inner, row * inner] : [row * model.HiddenSize];
    }

    /// <summary>What the experts of a rank keep of an exchange.</summary>
    /// <param name="model">Sizes.</param>
    /// <param name="precision">Of the device.</param>
    /// <param name="load">See <see cref="GrowingMemory.Of"/>.</param>
    /// <param name="rows">Rows by load, and at most.</param>
    /// <param name="local">Experts of the rank.</param>
    public static double OfExchange(ModelConfig model, Precision precision, RoutingLoad load, (RowCounts Rows, RowCounts Most) rows, int local)
    {
        int choices = model.ExpertsPerToken;
        double order = sizeof(int) * (double)Elements(rows.Rows), mostOrder = sizeof(int) * (double)Elements(rows.Most);
        return GrowingMemory.Of(load, order, mostOrder, 1) + GrowingMemory.Of(load, rows.Rows.Sorted, rows.Most.Sorted, [.. Kept(model, precision), sizeof(float)])
            + GrowingMemory.Of(load, rows.Rows.Received, rows.Most.Received, sizeof(float) * choices);

        double Elements(RowCounts counts) => local + 1 + (2 * counts.Sorted) + (3.0 * counts.Received * choices);
    }

    /// <summary>Whether tokens go to experts of other ranks as codes, or gradients of their sums do; as <see cref="Placement.RunPlan.GroupShape"/> has it.</summary>
    public static bool SendsCodes(ModelConfig model, Precision precision) => precision.Quantizes(model.HiddenSize) || precision.Quantizes(model.ExpertIntermediateSize);

    /// <summary>A row of codes with its scales.</summary>
    public static double RowOfCodes(ModelConfig model) => model.HiddenSize + (sizeof(float) * Math.Ceiling((double)model.HiddenSize / TileCuts.TileElements));

    /// <summary>What a dense feed-forward, or the shared experts', does not keep of a token, by buffer.</summary>
    public static double[] LentToDense(ModelConfig model, Precision precision)
    {
        double inner = Inner(model), row = precision.Rows.SizeInBytes();
        return precision.Quantizes(model.HiddenSize) ? [row * 2 * inner, row * inner] : [];
    }

    /// <summary>Codes of the product that runs, of a chunk or of what the experts compute, for a moment: rows, and both operands of a weight's gradient, transposed.</summary>
    /// <param name="model">Sizes.</param>
    /// <param name="precision">Of the device.</param>
    /// <param name="load">See <see cref="GrowingMemory.Of"/>.</param>
    /// <param name="tokens">Of the largest chunk.</param>
    /// <param name="rows">Rows of an exchange by load, and at most.</param>
    /// <param name="local">Experts of the rank.</param>
    public static double OfCodes(ModelConfig model, Precision precision, RoutingLoad load, double tokens, (RowCounts Rows, RowCounts Most) rows, int local)
    {
        if (precision.Products != ElementType.E4M3)
        {
            return 0;
        }

        (double Inputs, double Outputs)[] dense = Taken(
            precision, (model.HiddenSize, 2 * Inner(model)), (Inner(model), model.HiddenSize), ((double)model.Heads * model.ValueHeadSize, model.HiddenSize),
            (model.QueryRank ?? model.HiddenSize, (double)model.Heads * model.QueryHeadSize),
            (model.KeyValueRank, (double)model.Heads * (model.NopeHeadSize + model.ValueHeadSize)),
            (model.HiddenSize, (model.QueryRank ?? 0) + model.KeyValueRank + model.RopeHeadSize));
        (double Inputs, double Outputs)[] experts = Taken(precision, (model.HiddenSize, 2.0 * model.ExpertIntermediateSize), (model.ExpertIntermediateSize, model.HiddenSize));
        return Operand(0, 0, static product => Math.Max(product.Inputs, product.Outputs)) + Operand(1, local, static product => product.Outputs)
            + Operand(1, local, static product => product.Inputs);

        // Transposed rows are cut into tiles along the tokens, and those of each expert begin with a tile of their own.
        double Operand(int denseTiles, int expertTiles, Func<(double Inputs, double Outputs), double> columns)
        {
            double ofChunk = (tokens + (denseTiles * TileCuts.TileElements)) * dense.Select(columns).DefaultIfEmpty().Max(), wide = experts.Select(columns).DefaultIfEmpty().Max();
            double tiles = expertTiles * TileCuts.TileElements, bytes = Math.Max(ofChunk, (rows.Rows.Sorted + tiles) * wide), most = Math.Max(ofChunk, (rows.Most.Sorted + tiles) * wide);
            return GrowingMemory.Of(load, bytes, most, 1, sizeof(float) / (double)TileCuts.TileElements);
        }
    }

    private static double Inner(ModelConfig model) => Math.Max(model.IntermediateSize, model.ExpertIntermediateSize * model.SharedExperts);

    private static double Scales(TileCuts cuts) => sizeof(float) * cuts.Count;

    /// <summary>The products that take codes.</summary>
    private static (double Inputs, double Outputs)[] Taken(Precision precision, params (double Inputs, double Outputs)[] products) =>
        [.. products.Where(product => precision.Quantizes((int)product.Inputs))];
}

/// <summary>Rows of an exchange at one rank.</summary>
/// <param name="Received">That come to it: a token once, however many of its experts the rank has.</param>
/// <param name="Sorted">That its experts compute: once for each expert.</param>
internal readonly record struct RowCounts(double Received, double Sorted);
