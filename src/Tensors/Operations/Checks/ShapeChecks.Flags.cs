namespace Actors.Tensors.Operations.Checks;

/// <summary>Rows between ranks that wait for flags.</summary>
public sealed partial class ShapeChecks
{
    /// <summary>Refuses what <c>DispatchTokens</c> cannot take.</summary>
    public void DispatchTokens(
        ExchangeFlags flags, int rank, int ranksPerNode, Tensor x, Tensor experts, Tensor weights, int expertsPerRank, ReadOnlySpan<Tensor> windows,
        ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights, Tensor places, Tensor tally)
    {
        const string Operation = "DispatchTokens";
        ArgumentNullException.ThrowIfNull(flags);
        ExpectPresent(Operation, "x", x);
        ExpectTokens(Operation, flags, rank, ranksPerNode, places, x.Rows);
        Expect(Operation, "experts", experts, x.Rows, experts.Columns, ElementType.Int32);
        ExpectIndices(Operation, "experts", experts, -1, ExpertsOf(Operation, expertsPerRank, flags.Ranks));
        Expect(Operation, "weights", weights, experts.Rows, experts.Columns);
        Expect(Operation, "tally", tally, 1, 3, ElementType.Int32);
        ExpectRankWindows(Operation, "windows", windows, flags, x.Columns, x.Type);
        ExpectRankWindows(Operation, "windowExperts", windowExperts, flags, experts.Columns, ElementType.Int32);
        ExpectRankWindows(Operation, "windowWeights", windowWeights, flags, experts.Columns, ElementType.Float32);
    }

    /// <summary>Refuses what <c>CombineTokens</c> cannot take.</summary>
    public void CombineTokens(ExchangeFlags flags, int rank, int ranksPerNode, ReadOnlySpan<Tensor> partials, Tensor places, Tensor y)
    {
        const string Operation = "CombineTokens";
        ArgumentNullException.ThrowIfNull(flags);
        if (!y.IsAbsent && y.Type is not (ElementType.Float32 or ElementType.BFloat16))
        {
            Throw($"{Operation}: y is {y}, expected Float32 or BFloat16.");
        }

        ExpectPresent(Operation, "y", y);
        ExpectTokens(Operation, flags, rank, ranksPerNode, places, y.Rows);
        ExpectRankWindows(Operation, "partials", partials, flags, y.Columns, y.Type);
    }

    private void ExpectTokens(string operation, ExchangeFlags flags, int rank, int ranksPerNode, Tensor places, int tokens)
    {
        ExpectPlaces(operation, places, tokens, flags.Ranks);
        ExpectNodes(operation, ranksPerNode, flags.Ranks);
        if ((uint)rank >= (uint)flags.Ranks || tokens > flags.Tokens)
        {
            Throw($"{operation}: {tokens} tokens of rank {rank}, expected at most {flags.Tokens} of a rank of {flags.Ranks}.");
        }
    }

    private void ExpectRankWindows(string operation, string name, ReadOnlySpan<Tensor> windows, ExchangeFlags flags, int columns, ElementType type)
    {
        if (windows.Length != flags.Ranks)
        {
            Throw($"{operation}: {windows.Length} {name}, expected one for each of {flags.Ranks} ranks.");
        }

        foreach (Tensor window in windows)
        {
            Expect(operation, name, window, checked(flags.Ranks * flags.Tokens), columns, type);
        }
    }
}
