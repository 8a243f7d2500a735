using Actors.Tensors.Quantized;

namespace Actors.Tensors.Operations.Checks;

/// <summary>Quantization and products of what was quantized. Rows are float32 or bfloat16 on every device.</summary>
public sealed partial class ShapeChecks
{
    /// <summary>Refuses what <c>QuantizeRows</c> cannot take.</summary>
    public void QuantizeRows(Tensor x, in QuantizedRows y, Tensor live)
    {
        const string Operation = "QuantizeRows";
        ExpectLive(Operation, live);
        ExpectRows(Operation, "x", x);
        ExpectQuantized(Operation, y, x.Rows, x.Columns);
    }

    /// <summary>Refuses what <c>DequantizeRows</c> cannot take.</summary>
    public void DequantizeRows(in QuantizedRows x, Tensor y, Tensor live)
    {
        const string Operation = "DequantizeRows";
        ExpectLive(Operation, live);
        ExpectRows(Operation, "y", y);
        ExpectQuantized(Operation, x, y.Rows, y.Columns);
    }

    /// <summary>Refuses what <c>QuantizeBlocks</c> cannot take.</summary>
    public void QuantizeBlocks(Tensor weight, in QuantizedBlocks y)
    {
        const string Operation = "QuantizeBlocks";
        ExpectBlocks(Operation, y);
        ExpectRows(Operation, "weight", weight, y.Codes.Rows, y.Codes.Columns);
    }

    /// <summary>Refuses what <c>QuantizeTokens</c> cannot take.</summary>
    public void QuantizeTokens(Tensor x, in QuantizedTokens y, Tensor offsets)
    {
        const string Operation = "QuantizeTokens";
        ExpectRows(Operation, "x", x);
        ExpectTokens(Operation, y, x.Rows, x.Columns, offsets);
    }

    /// <summary>Refuses what <c>RequantizeTokens</c> cannot take.</summary>
    public void RequantizeTokens(in QuantizedRows x, in QuantizedTokens y, Tensor offsets)
    {
        const string Operation = "RequantizeTokens";
        ExpectQuantized(Operation, x, x.Codes.Rows, x.Codes.Columns);
        ExpectTokens(Operation, y, x.Codes.Rows, x.Codes.Columns, offsets);
    }

    /// <summary>Refuses what <c>PackRows</c> and <c>UnpackRows</c> cannot take.</summary>
    public void PackRows(string operation, Tensor rows, in PackedE5M6 packed, Tensor live)
    {
        ExpectLive(operation, live);
        ExpectRows(operation, "rows", rows, rows.Rows, packed.Columns);
        Expect(operation, "words", packed.Words, rows.Rows, PackedE5M6.WordsOf(packed.Columns), ElementType.Int32);
        Expect(operation, "scales", packed.Scales, rows.Rows, TileCuts.Covering(packed.Columns));
    }

    /// <summary>Refuses what <c>QuantizedLinear</c> cannot take.</summary>
    public void QuantizedLinear(in QuantizedRows x, in QuantizedBlocks weight, Tensor y, Tensor offsets, Tensor addend)
    {
        const string Operation = "QuantizedLinear";
        ExpectBlocks(Operation, weight);
        ExpectCuts(Operation, "x", x.Cuts, weight.ColumnCuts);
        ExpectQuantized(Operation, x, y.Rows, weight.Inputs);
        ExpectProduct(Operation, "y", y, weight.Outputs, weight.Groups, offsets, addend);
    }

    /// <summary>Refuses what <c>QuantizedLinearBackwardInput</c> cannot take.</summary>
    public void QuantizedLinearBackwardInput(in QuantizedRows dy, in QuantizedBlocks weight, Tensor dx, Tensor offsets, Tensor addend)
    {
        const string Operation = "QuantizedLinearBackwardInput";
        ExpectBlocks(Operation, weight);
        ExpectCuts(Operation, "dy", dy.Cuts, weight.RowCuts);
        ExpectQuantized(Operation, dy, dx.Rows, weight.Outputs);
        ExpectProduct(Operation, "dx", dx, weight.Inputs, weight.Groups, offsets, addend);
    }

    /// <summary>Refuses what <c>QuantizedLinearBackwardWeight</c> cannot take.</summary>
    public void QuantizedLinearBackwardWeight(in QuantizedTokens dy, in QuantizedTokens x, Tensor dWeight, Tensor offsets)
    {
        const string Operation = "QuantizedLinearBackwardWeight";
        ExpectTokens(Operation, dy, dy.Rows, dy.Columns, offsets);
        ExpectTokens(Operation, x, dy.Rows, x.Columns, offsets);
        Expect(Operation, "dWeight", dWeight, GroupsOf(offsets) * dy.Columns, x.Columns);
    }

    /// <summary>Refuses what <c>SwiGluCodes</c> cannot take.</summary>
    public void SwiGluCodes(Tensor gateUp, Tensor activated, in QuantizedRows gateUpCodes, in QuantizedRows activatedCodes, Tensor live)
    {
        const string Operation = "SwiGluCodes";
        ExpectLive(Operation, live);
        ExpectRows(Operation, "activated", activated);
        ExpectRows(Operation, "gateUp", gateUp, activated.Rows, 2 * activated.Columns);
        ExpectAlike(Operation, gateUp, activated);
        ExpectQuantized(Operation, activatedCodes, activated.Rows, activated.Columns);
        if (!gateUpCodes.Codes.IsAbsent)
        {
            ExpectQuantized(Operation, gateUpCodes, gateUp.Rows, gateUp.Columns);
        }
    }

    /// <summary>Refuses what <c>SwiGluBackwardCodes</c> cannot take.</summary>
    public void SwiGluBackwardCodes(
        in QuantizedRows gateUpCodes, Tensor dy, Tensor weights, Tensor dGateUp, in QuantizedRows dGateUpCodes, Tensor dWeights, Tensor live)
    {
        SwiGluBackward(dGateUp, dy, weights, dGateUp, dy, dWeights, live);
        ExpectQuantized("SwiGluBackwardCodes", gateUpCodes, dGateUp.Rows, dGateUp.Columns);
        ExpectQuantized("SwiGluBackwardCodes", dGateUpCodes, dGateUp.Rows, dGateUp.Columns);
    }

    /// <summary>Groups of offsets; absent ones are of one.</summary>
    private static int GroupsOf(Tensor offsets) => offsets.IsAbsent ? 1 : offsets.Columns - 1;

    private void ExpectQuantized(string operation, in QuantizedRows rows, int count, int columns)
    {
        Expect(operation, "codes", rows.Codes, count, columns, ElementType.E4M3);
        ExpectCuts(operation, "rows", rows.Cuts, new TileCuts(columns, rows.Cuts.Second));
        Expect(operation, "scales", rows.Scales, count, rows.Cuts.Count);
    }

    private void ExpectBlocks(string operation, in QuantizedBlocks blocks)
    {
        ExpectCuts(operation, "weight", blocks.RowCuts, new TileCuts(blocks.Outputs, blocks.RowCuts.Second));
        Expect(operation, "codes", blocks.Codes, checked(blocks.Groups * blocks.Outputs), blocks.Codes.Columns, ElementType.E4M3);
        if (!blocks.Transposed.IsAbsent)
        {
            Expect(operation, "transposed", blocks.Transposed, checked(blocks.Groups * blocks.Inputs), blocks.Outputs, ElementType.E4M3);
        }

        Expect(operation, "scales", blocks.Scales, checked(blocks.Groups * blocks.RowCuts.Count), blocks.ColumnCuts.Count);
    }

    private void ExpectTokens(string operation, in QuantizedTokens tokens, int rows, int columns, Tensor offsets)
    {
        int groups = GroupsOf(offsets), places = QuantizedTokens.Places(rows, groups);
        if (groups < 1 || tokens.Rows != rows)
        {
            Throw($"{operation}: {tokens.Rows} transposed rows of {groups} groups, expected {rows} of 1 or more.");
        }

        if (!offsets.IsAbsent)
        {
            ExpectOffsets(operation, "offsets", offsets, groups, rows, isPart: true);
        }

        Expect(operation, "codes", tokens.Codes, columns, checked(places * TileCuts.TileElements), ElementType.E4M3);
        Expect(operation, "scales", tokens.Scales, places, columns);
    }

    private void ExpectProduct(string operation, string name, Tensor result, int columns, int groups, Tensor offsets, Tensor addend)
    {
        ExpectRows(operation, name, result, result.Rows, columns);
        ExpectOptionalRows(operation, "addend", addend, result.Rows, columns);
        ExpectAlike(operation, result, addend);
        if (!offsets.IsAbsent)
        {
            ExpectOffsets(operation, "offsets", offsets, groups, result.Rows, isPart: true);
        }
        else if (groups != 1)
        {
            Throw($"{operation}: weight has {groups} matrices and rows have no offsets, expected 1.");
        }
    }

    private static void ExpectCuts(string operation, string name, TileCuts cuts, TileCuts expected)
    {
        if (cuts != expected || (uint)cuts.Second > (uint)cuts.Length)
        {
            Throw($"{operation}: {name} is cut into tiles as {cuts}, expected {expected}.");
        }
    }
}
