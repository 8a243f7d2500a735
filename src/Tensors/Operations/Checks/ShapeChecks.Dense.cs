namespace Actors.Tensors.Operations.Checks;

/// <summary>Elementwise operations, products, norms, losses and the optimizer.</summary>
public sealed partial class ShapeChecks
{
    /// <summary>Refuses what <c>Zero</c> cannot take.</summary>
    public void Zero(Tensor x) => ExpectPresent("Zero", "x", x);

    /// <summary>Refuses what <c>Copy</c> cannot take.</summary>
    public void Copy(Tensor source, Tensor destination)
    {
        ExpectPresent("Copy", "source", source);
        if (IsRounding(source, destination))
        {
            return;
        }

        Expect("Copy", "destination", destination, source.Rows, source.Columns, source.Type);
    }

    /// <summary>Refuses what cannot be copied between a tensor and memory of the host.</summary>
    public void Transfer(string operation, Tensor tensor, long bytes)
    {
        ExpectContiguous(operation, "tensor", tensor);
        long expected = tensor.Count * tensor.Type.SizeInBytes();
        if (bytes != expected)
        {
            Throw($"{operation}: {tensor} has {expected} bytes, the host memory given has {bytes}.");
        }
    }

    /// <summary>Refuses what <c>Add</c> cannot take.</summary>
    public void Add(Tensor a, Tensor b, Tensor sum)
    {
        ExpectRows("Add", "a", a);
        ExpectRows("Add", "b", b, a.Rows, a.Columns);
        ExpectRows("Add", "sum", sum, a.Rows, a.Columns);
        ExpectAlike("Add", a, b, sum);
    }

    /// <summary>Refuses what <c>Add</c> cannot take.</summary>
    public void Add(Tensor a, Tensor b, Tensor c, Tensor sum)
    {
        Add(a, b, sum);
        ExpectRows("Add", "c", c, a.Rows, a.Columns);
        ExpectAlike("Add", a, c);
    }

    /// <summary>Refuses what <c>SwiGlu</c> cannot take.</summary>
    public void SwiGlu(Tensor gateUp, Tensor y, Tensor live)
    {
        ExpectLive("SwiGlu", live);
        ExpectRows("SwiGlu", "y", y);
        ExpectRows("SwiGlu", "gateUp", gateUp, y.Rows, 2 * y.Columns);
        ExpectAlike("SwiGlu", gateUp, y);
    }

    /// <summary>Refuses what <c>SwiGluBackward</c> cannot take.</summary>
    public void SwiGluBackward(
        Tensor gateUp, Tensor dy, Tensor weights, Tensor dGateUp, Tensor weighted, Tensor dWeights, Tensor live)
    {
        const string Operation = "SwiGluBackward";
        ExpectLive(Operation, live);
        ExpectRows(Operation, "dy", dy);
        ExpectRows(Operation, "gateUp", gateUp, dy.Rows, 2 * dy.Columns);
        ExpectRows(Operation, "dGateUp", dGateUp, dy.Rows, 2 * dy.Columns);
        ExpectRows(Operation, "weighted", weighted, dy.Rows, dy.Columns);
        ExpectAlike(Operation, gateUp, dy, dGateUp, weighted);
        ExpectOptional(Operation, "weights", weights, 1, dy.Rows);
        if (!weights.IsAbsent || !dWeights.IsAbsent)
        {
            Expect(Operation, "weights", weights, 1, dy.Rows);
            Expect(Operation, "dWeights", dWeights, 1, dy.Rows);
        }
    }

    /// <summary>
    /// For y = x Wᵀ; the backward for the input passes dx and dy in the places of x and y. Sums are float32, so rows and results may be of two types; what is
    /// added is of the result's.
    /// </summary>
    public void Linear(string operation, Tensor x, Weight weight, Tensor y, Tensor addend, Tensor result)
    {
        if (weight.Groups != 1)
        {
            Throw($"{operation}: weight has {weight.Groups} matrices, expected 1.");
        }

        ExpectColumns(operation, "input side", x, weight.Inputs);
        ExpectRows(operation, "output side", y, x.Rows, weight.Outputs);
        ExpectOptionalRows(operation, "addend", addend, result.Rows, result.Columns);
        ExpectAlike(operation, result, addend);
    }

    /// <summary>Refuses what <c>LinearBackwardWeight</c> cannot take.</summary>
    public void LinearBackwardWeight(Tensor dy, Tensor x, Tensor dWeight)
    {
        const string Operation = "LinearBackwardWeight";
        ExpectRows(Operation, "x", x);
        ExpectRows(Operation, "dy", dy);
        ExpectRows(Operation, "dy", dy, x.Rows, dy.Columns);
        Expect(Operation, "dWeight", dWeight, dy.Columns, x.Columns);
    }

    /// <summary>For y = x W[g]ᵀ; the backward for the input passes dx and dy in the places of x and y.</summary>
    public void GroupedLinear(string operation, Tensor x, Tensor offsets, Weight weight, Tensor y)
    {
        ExpectColumns(operation, "input side", x, weight.Inputs);
        ExpectRows(operation, "output side", y, x.Rows, weight.Outputs);
        ExpectOffsets(operation, "offsets", offsets, weight.Groups, x.Rows, isPart: true);
    }

    /// <summary>Refuses what <c>GroupedLinearBackwardWeight</c> cannot take.</summary>
    public void GroupedLinearBackwardWeight(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight)
    {
        const string Operation = "GroupedLinearBackwardWeight";
        ExpectRows(Operation, "x", x);
        ExpectRows(Operation, "dy", dy);
        ExpectRows(Operation, "dy", dy, x.Rows, dy.Columns);
        int groups = offsets.IsAbsent ? 0 : offsets.Columns - 1;
        ExpectOffsets(Operation, "offsets", offsets, groups, x.Rows, isPart: true);
        Expect(Operation, "dWeight", dWeight, groups * dy.Columns, x.Columns);
    }

    /// <summary>Refuses what <c>RmsNorm</c> cannot take.</summary>
    public void RmsNorm(Tensor x, Tensor weight, Tensor y, Tensor rstd)
    {
        ExpectRows("RmsNorm", "x", x);
        Expect("RmsNorm", "weight", weight, 1, x.Columns);
        ExpectRows("RmsNorm", "y", y, x.Rows, x.Columns);
        ExpectAlike("RmsNorm", x, y);
        ExpectOptional("RmsNorm", "rstd", rstd, 1, x.Rows);
    }

    /// <summary>Refuses what <c>RmsNormBackward</c> cannot take.</summary>
    public void RmsNormBackward(Tensor dy, Tensor x, Tensor weight, Tensor rstd, Tensor dx, Tensor dWeight, Tensor addend)
    {
        const string Operation = "RmsNormBackward";
        ExpectRows(Operation, "x", x);
        ExpectRows(Operation, "dy", dy, x.Rows, x.Columns);
        Expect(Operation, "rstd", rstd, 1, x.Rows);
        Expect(Operation, "weight", weight, 1, x.Columns);
        ExpectRows(Operation, "dx", dx, x.Rows, x.Columns);
        Expect(Operation, "dWeight", dWeight, 1, x.Columns);
        ExpectOptionalRows(Operation, "addend", addend, x.Rows, x.Columns);
        ExpectAlike(Operation, x, dy, dx, addend);
    }

    /// <summary>For y = table[ids]; the backward passes dTable and dy.</summary>
    public void Embed(string operation, Tensor ids, Tensor table, Tensor y)
    {
        ExpectFloats(operation, "table", table);
        ExpectColumns(operation, "rows", y, table.Columns);
        Expect(operation, "ids", ids, 1, y.Rows, ElementType.Int32);
        ExpectIndices(operation, "ids", ids, 0, table.Rows);
    }

    /// <summary>Refuses what <c>CrossEntropy</c> cannot take.</summary>
    public void CrossEntropy(Tensor logits, Tensor targets, Tensor losses, Tensor dLogits)
    {
        const string Operation = "CrossEntropy";
        ExpectRows(Operation, "logits", logits);
        Expect(Operation, "targets", targets, 1, logits.Rows, ElementType.Int32);
        ExpectIndices(Operation, "targets", targets, -1, logits.Columns);
        Expect(Operation, "losses", losses, 1, logits.Rows);
        ExpectOptionalRows(Operation, "dLogits", dLogits, logits.Rows, logits.Columns);
        ExpectAlike(Operation, logits, dLogits);
    }

    /// <summary>Refuses what <c>SumOfSquares</c> cannot take.</summary>
    public void SumOfSquares(Tensor x, Tensor sum)
    {
        ExpectFloats("SumOfSquares", "x", x);
        ExpectContiguous("SumOfSquares", "x", x);
        Expect("SumOfSquares", "sum", sum, 1, 1, ElementType.Float64);
    }

    /// <summary>Refuses what <c>AdamW</c> cannot take.</summary>
    public void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment)
    {
        ExpectCount("values", values, values.Count);
        ExpectCount("gradient", gradient, values.Count);
        ExpectMoment("firstMoment", firstMoment, values.Count);
        ExpectMoment("secondMoment", secondMoment, values.Count);
        ExpectAlike("AdamW", firstMoment, secondMoment);
    }

    private void ExpectMoment(string name, Tensor tensor, long count)
    {
        if (tensor.Type != ElementType.BFloat16)
        {
            ExpectCount(name, tensor, count);
            return;
        }

        ExpectContiguous("AdamW", name, tensor);
        ExpectElements(name, tensor, count);
    }

    private void ExpectCount(string name, Tensor tensor, long count)
    {
        ExpectFloats("AdamW", name, tensor);
        ExpectContiguous("AdamW", name, tensor);
        ExpectElements(name, tensor, count);
    }

    private static void ExpectElements(string name, Tensor tensor, long count)
    {
        if (tensor.Count != count)
        {
            Throw($"AdamW: {name} is {tensor}, expected as many elements as values has: {count}.");
        }
    }
}
