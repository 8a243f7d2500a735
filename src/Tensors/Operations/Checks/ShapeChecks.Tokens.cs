
namespace Actors.Tensors.Operations.Checks;

/// <summary>Attention and routing.</summary>
public sealed partial class ShapeChecks
{
    /// <summary>Refuses what <c>Rope</c> cannot take.</summary>
    public void Rope(Tensor x, int heads, Tensor positions, Tensor cos, Tensor sin)
    {
        const string Operation = "Rope";
        ExpectRows(Operation, "x", x);
        ExpectFloats(Operation, "cos", cos);
        Expect(Operation, "sin", sin, cos.Rows, cos.Columns);
        if (heads < 1 || x.Columns % heads != 0 || x.Columns / heads < 2 * cos.Columns)
        {
            Throw($"Rope: x is {x}, expected {heads} heads of at least {2 * cos.Columns} elements.");
        }

        Expect(Operation, "positions", positions, 1, x.Rows, ElementType.Int32);
        ExpectIndices(Operation, "positions", positions, 0, cos.Rows);
    }

    /// <summary>Refuses what <c>Attention</c> cannot take.</summary>
    public void Attention(
        string operation, Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape, Tensor o, Tensor logSumExp)
    {
        ExpectColumns(operation, "q", q, shape.Heads * shape.QueryColumns);
        ExpectRows(operation, "kv", kv, q.Rows, shape.Heads * shape.KeyValueColumns);
        ExpectRows(operation, "kRope", kRope, q.Rows, shape.RopeColumns);
        ExpectOffsets(operation, "sequences", sequences, sequences.IsAbsent ? 0 : sequences.Columns - 1, q.Rows);
        ExpectRows(operation, "o", o, q.Rows, shape.Heads * shape.ValueColumns);
        ExpectOptional(operation, "logSumExp", logSumExp, q.Rows, shape.Heads);
        ExpectAlike(operation, q, kv, kRope, o);
    }

    /// <summary>Refuses what <c>AttentionBackward</c> cannot take.</summary>
    public void AttentionBackward(
        Tensor dO, Tensor q, Tensor kv, Tensor kRope, Tensor o, Tensor logSumExp, Tensor sequences, AttentionShape shape,
        Tensor dq, Tensor dkv, Tensor dkRope)
    {
        const string Operation = "AttentionBackward";
        Attention(Operation, q, kv, kRope, sequences, shape, o, logSumExp);
        Expect(Operation, "logSumExp", logSumExp, q.Rows, shape.Heads);
        ExpectRows(Operation, "dO", dO, o.Rows, o.Columns);
        ExpectRows(Operation, "dq", dq, q.Rows, q.Columns);
        ExpectRows(Operation, "dkv", dkv, kv.Rows, kv.Columns);
        ExpectRows(Operation, "dkRope", dkRope, kRope.Rows, kRope.Columns);
        ExpectAlike(Operation, q, dO, dq, dkv, dkRope);
    }

    /// <summary>Refuses what <c>LatentAttention</c> cannot take.</summary>
    public void LatentAttention(
        Tensor q, Weight keyValueUp, Tensor cache, Tensor firstRows, Tensor lengths, AttentionShape shape, Tensor o)
    {
        const string Operation = "LatentAttention";
        if (keyValueUp.Groups != 1)
        {
            Throw($"{Operation}: keyValueUp has {keyValueUp.Groups} matrices, expected 1.");
        }

        ExpectColumns(Operation, "q", q, shape.Heads * shape.QueryColumns);
        ExpectColumns(Operation, "cache", cache, keyValueUp.Inputs + shape.RopeColumns);
        Expect(Operation, "keyValueUp", keyValueUp.Values, shape.Heads * shape.KeyValueColumns, keyValueUp.Inputs);
        Expect(Operation, "firstRows", firstRows, 1, q.Rows, ElementType.Int32);
        Expect(Operation, "lengths", lengths, 1, q.Rows, ElementType.Int32);
        ExpectRows(Operation, "o", o, q.Rows, shape.Heads * shape.ValueColumns);
        ExpectAlike(Operation, q, cache, o);
        if (q.Rows == 0 || !_onHost)
        {
            return;
        }

        ReadOnlySpan<int> first = Row(firstRows, 0);
        ReadOnlySpan<int> length = Row(lengths, 0);
        for (int row = 0; row < first.Length; row++)
        {
            if (first[row] < 0 || length[row] < 1 || first[row] > cache.Rows - length[row])
            {
                Throw($"{Operation}: row {row} reads {length[row]} cache rows from {first[row]} on, the cache is {cache}.");
            }
        }
    }

    /// <summary>Refuses what <c>ChooseExperts</c> cannot take.</summary>
    public void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights)
    {
        const string Operation = "ChooseExperts";
        ExpectFloats(Operation, "logits", logits);
        Gate(Operation, logits.Columns, shape);
        Expect(Operation, "bias", bias, 1, logits.Columns);
        Expect(Operation, "scores", scores, logits.Rows, logits.Columns);
        Expect(Operation, "experts", experts, logits.Rows, shape.ExpertsKept, ElementType.Int32);
        Expect(Operation, "weights", weights, logits.Rows, shape.ExpertsKept);
    }

    /// <summary>Refuses what <c>ChooseExpertsBackward</c> cannot take.</summary>
    public void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits)
    {
        const string Operation = "ChooseExpertsBackward";
        ExpectFloats(Operation, "scores", scores);
        Gate(Operation, scores.Columns, shape);
        Expect(Operation, "dWeights", dWeights, scores.Rows, shape.ExpertsKept);
        Expect(Operation, "experts", experts, scores.Rows, shape.ExpertsKept, ElementType.Int32);
        ExpectIndices(Operation, "experts", experts, -1, scores.Columns);
        Expect(Operation, "dLogits", dLogits, scores.Rows, scores.Columns);
    }

    /// <summary>Refuses what <c>BalanceLoss</c> cannot take.</summary>
    public void BalanceLoss(Tensor scores, Tensor experts, Tensor sequences, Tensor losses, Tensor dLogits)
    {
        const string Operation = "BalanceLoss";
        ExpectFloats(Operation, "scores", scores);
        Expect(Operation, "experts", experts, scores.Rows, experts.Columns, ElementType.Int32);
        if (experts.Columns < 1 || experts.Columns > scores.Columns)
        {
            Throw($"{Operation}: experts is {experts}, expected 1 to {scores.Columns} choices a token.");
        }

        int count = sequences.IsAbsent ? 0 : sequences.Columns - 1;
        ExpectOffsets(Operation, "sequences", sequences, count, scores.Rows);
        Expect(Operation, "losses", losses, 1, count);
        Expect(Operation, "dLogits", dLogits, scores.Rows, scores.Columns);
    }

    /// <summary>Refuses what <c>DropChoices</c> cannot take.</summary>
    public void DropChoices(Tensor kept, Tensor experts, Tensor weights)
    {
        Expect("DropChoices", "experts", experts, experts.Rows, experts.Columns, ElementType.Int32);
        Expect("DropChoices", "weights", weights, experts.Rows, experts.Columns);
        Expect("DropChoices", "kept", kept, 1, experts.Rows, ElementType.Int32);
    }

    private void Gate(string operation, int experts, GateShape shape)
    {
        if (shape.Groups < 1 || experts % shape.Groups != 0
            || shape.GroupsKept < 1 || shape.GroupsKept > shape.Groups
            || shape.ExpertsKept < 1 || shape.ExpertsKept > shape.GroupsKept * (experts / shape.Groups))
        {
            Throw(
                $"{operation}: {shape.ExpertsKept} experts out of {shape.GroupsKept} of {shape.Groups} groups cannot be chosen "
                + $"from {experts} experts.");
        }
    }

    /// <summary>Refuses what <c>SortByExpert</c> cannot take.</summary>
    public void SortByExpert(Tensor experts, ExpertOrder order, Tensor live, Tensor needed)
    {
        const string Operation = "SortByExpert";
        ExpectLive(Operation, live);
        ExpectLive(Operation, needed);
        Expect(Operation, "experts", experts, experts.Rows, experts.Columns, ElementType.Int32);
        int slots = experts.Rows * experts.Columns, local = order.Offsets.IsAbsent ? 0 : order.Offsets.Columns - 1;
        Expect(Operation, "offsets", order.Offsets, 1, local + 1, ElementType.Int32);
        Expect(Operation, "sources", order.Sources, 1, order.Sources.Columns, ElementType.Int32);
        Expect(Operation, "slots", order.Slots, 1, order.Sources.Columns, ElementType.Int32);
        Expect(Operation, "rowOfSlot", order.RowOfSlot, 1, slots, ElementType.Int32);
        Expect(Operation, "sumRows", order.SumRows, experts.Rows, experts.Columns, ElementType.Int32);
        Expect(Operation, "sumSlots", order.SumSlots, 1, slots, ElementType.Int32);
        ExpectContiguous(Operation, "sumRows", order.SumRows);
        ExpectIndices(Operation, "experts", experts.RowRange(0, Checked(live, experts.Rows)), -1, local);
    }

    /// <summary>Refuses what <c>CountExperts</c> cannot take.</summary>
    public void CountExperts(Tensor experts, Tensor counts)
    {
        Expect("CountExperts", "experts", experts, experts.Rows, experts.Columns, ElementType.Int32);
        Expect("CountExperts", "counts", counts, 1, counts.Columns, ElementType.Int32);
        ExpectIndices("CountExperts", "experts", experts, -1, counts.Columns);
    }

    /// <summary>Refuses what <c>GatherRows</c> cannot take.</summary>
    public void GatherRows(Tensor x, Tensor rows, Tensor y, Tensor live)
    {
        ExpectLive("GatherRows", live);
        ExpectPresent("GatherRows", "x", x);
        Expect("GatherRows", "y", y, y.Rows, x.Columns, x.Type);
        Expect("GatherRows", "rows", rows, 1, y.Rows, ElementType.Int32);
        ExpectIndices("GatherRows", "rows", rows.ColumnRange(0, Checked(live, y.Rows)), -1, x.Rows);
    }

    /// <summary>Refuses what <c>PutRows</c> cannot take.</summary>
    public void PutRows(Tensor x, Tensor rows, Tensor y)
    {
        ExpectPresent("PutRows", "x", x);
        Expect("PutRows", "y", y, y.Rows, x.Columns, x.Type);
        Expect("PutRows", "rows", rows, 1, x.Rows, ElementType.Int32);
        ExpectIndices("PutRows", "rows", rows, -1, y.Rows);
    }

    /// <summary>Refuses what <c>AppendLatents</c> cannot take.</summary>
    public void AppendLatents(Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache)
    {
        const string Operation = "AppendLatents";
        Rope(query, append.Heads, append.Positions, append.Cos, append.Sin);
        Rope(key, 1, append.Positions, append.Cos, append.Sin);
        ExpectRows(Operation, "latent", latent, query.Rows, latent.Columns);
        ExpectRows(Operation, "key", key, query.Rows, 2 * append.Cos.Columns);
        Expect(Operation, "norm", append.Norm, 1, latent.Columns);
        ExpectRows(Operation, "normed", normed, query.Rows, latent.Columns);
        ExpectRows(Operation, "cache", cache, cache.Rows, latent.Columns + key.Columns);
        ExpectAlike(Operation, query, latent, key, normed, cache);
        Expect(Operation, "places", append.Places, 1, query.Rows, ElementType.Int32);
    }

    /// <summary>Refuses what <c>TryFeedForward</c> cannot take.</summary>
    public void FeedForward(Tensor x, ChosenExperts? chosen, FeedForwardWeights? shared, Tensor y, Tensor addend)
    {
        const string Operation = "FeedForward";
        if (chosen is { } choice)
        {
            FeedForward(Operation, x, choice.Of, choice.Of.GateUp.Groups, y);
            Expect(Operation, "experts", choice.Experts, x.Rows, choice.Experts.Columns, ElementType.Int32);
            Expect(Operation, "weights", choice.Weights, x.Rows, choice.Experts.Columns);
        }

        if (shared is { } all)
        {
            FeedForward(Operation, x, all, groups: 1, y);
        }
        else if (chosen is null)
        {
            Throw($"{Operation}: no expert is chosen and none is shared.");
        }

        ExpectOptionalRows(Operation, "addend", addend, x.Rows, y.Columns);
    }

    /// <summary>Refuses what <c>DrawTokens</c> cannot take.</summary>
    public void DrawTokens(Tensor logits, Tensor slots, Tensor draws, Tensor tokens)
    {
        const string Operation = "DrawTokens";
        if (!logits.IsAbsent && logits.Columns == 0)
        {
            Throw($"{Operation}: logits is {logits}, expected a token at least.");
        }

        ExpectFloats(Operation, "logits", logits);
        Expect(Operation, "slots", slots, 1, logits.Rows, ElementType.Int32);
        Expect(Operation, "draws", draws, draws.Rows, TokenDraw.Elements, ElementType.Int32);
        ExpectContiguous(Operation, "draws", draws);
        ExpectIndices(Operation, "slots", slots, -1, draws.Rows);
        Expect(Operation, "tokens", tokens, 1, logits.Rows, ElementType.Int32);
    }

    /// <summary>Refuses what <c>SumRows</c> cannot take.</summary>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y, Tensor live)
    {
        const string Operation = "SumRows";
        ExpectLive(Operation, live);
        if (!x.IsAbsent && x.Type is not (ElementType.Float32 or ElementType.BFloat16))
        {
            Throw($"{Operation}: x is {x}, expected Float32 or BFloat16.");
        }

        ExpectPresent(Operation, "x", x);
        Expect(Operation, "y", y, y.Rows, x.Columns, x.Type);
        Expect(Operation, "rows", rows, y.Rows, rows.Columns, ElementType.Int32);
        ExpectIndices(Operation, "rows", rows.RowRange(0, Checked(live, rows.Rows)), -1, x.Rows);
        ExpectOptional(Operation, "weights", weights, rows.Rows, rows.Columns);
    }

    private void FeedForward(string operation, Tensor x, FeedForwardWeights weights, int groups, Tensor y)
    {
        (Weight gateUp, Weight down) = weights;
        if (gateUp.Outputs != 2 * down.Inputs || gateUp.Groups != groups || down.Groups != groups)
        {
            Throw($"{operation}: the weights are {gateUp.Groups} x ({gateUp.Outputs}, {gateUp.Inputs}) and {down.Groups} x ({down.Outputs}, {down.Inputs}), expected {groups} x gate and up rows, and their down projections.");
        }

        ExpectColumns(operation, "x", x, gateUp.Inputs);
        ExpectRows(operation, "y", y, x.Rows, down.Outputs);
    }
}
