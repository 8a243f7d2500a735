namespace Actors.Tensors.Operations.Checks;

/// <summary>Rows between ranks.</summary>
public sealed partial class ShapeChecks
{
    /// <summary>Refuses what <c>CountDestinations</c> cannot take.</summary>
    public void CountDestinations(Tensor experts, int expertsPerRank, Tensor places, Tensor counts)
    {
        const string Operation = "CountDestinations";
        Expect(Operation, "experts", experts, experts.Rows, experts.Columns, ElementType.Int32);
        ExpectPlaces(Operation, places, experts.Rows, places.Columns);
        Expect(Operation, "counts", counts, 1, places.Columns, ElementType.Int32);
        ExpectIndices(Operation, "experts", experts, -1, ExpertsOf(Operation, expertsPerRank, places.Columns));
    }

    /// <summary>Refuses what <c>PlaceRows</c> cannot take.</summary>
    public void PlaceRows(Tensor counts, int rank, int ranksPerNode, int capacity, Tensor places, Tensor received, Tensor tally)
    {
        const string Operation = "PlaceRows";
        ExpectPlaces(Operation, places, places.Rows, places.Columns);
        ExpectNodes(Operation, ranksPerNode, places.Columns);
        Expect(Operation, "counts", counts, places.Columns, places.Columns, ElementType.Int32);
        Expect(Operation, "received", received, 1, 1, ElementType.Int32);
        Expect(Operation, "tally", tally, 1, 5, ElementType.Int32);
        if ((uint)rank >= (uint)places.Columns || capacity < 0)
        {
            Throw($"{Operation}: rank {rank} with {capacity} rows a window, expected a rank of {places.Columns} and 0 or more rows.");
        }
    }

    /// <summary>Refuses what <c>PushRows</c> cannot take.</summary>
    public void PushRows(Tensor x, Tensor places, ReadOnlySpan<Tensor> windows)
    {
        const string Operation = "PushRows";
        ExpectPresent(Operation, "x", x);
        ExpectPlaces(Operation, places, x.Rows, windows.Length);
        ExpectWindows(Operation, "windows", windows, places, x.Columns, x.Type);
    }

    /// <summary>Refuses what <c>PushChoices</c> cannot take.</summary>
    public void PushChoices(
        Tensor experts, Tensor weights, int expertsPerRank, Tensor places, ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights)
    {
        const string Operation = "PushChoices";
        Expect(Operation, "experts", experts, experts.Rows, experts.Columns, ElementType.Int32);
        Expect(Operation, "weights", weights, experts.Rows, experts.Columns);
        ExpectPlaces(Operation, places, experts.Rows, windowExperts.Length);
        ExpectWindows(Operation, "windowExperts", windowExperts, places, experts.Columns, ElementType.Int32);
        ExpectPlaces(Operation, places, experts.Rows, windowWeights.Length);
        ExpectWindows(Operation, "windowWeights", windowWeights, places, experts.Columns, ElementType.Float32);
        ExpectIndices(Operation, "experts", experts, -1, ExpertsOf(Operation, expertsPerRank, places.Columns));
    }

    /// <summary>Refuses what <c>CollectSums</c> cannot take.</summary>
    public void CollectSums(ReadOnlySpan<Tensor> windows, Tensor places, int ranksPerNode, Tensor y)
    {
        const string Operation = "CollectSums";
        if (!y.IsAbsent && y.Type is not (ElementType.Float32 or ElementType.BFloat16))
        {
            Throw($"{Operation}: y is {y}, expected Float32 or BFloat16.");
        }

        ExpectPresent(Operation, "y", y);
        ExpectPlaces(Operation, places, y.Rows, windows.Length);
        ExpectNodes(Operation, ranksPerNode, places.Columns);
        ExpectWindows(Operation, "windows", windows, places, y.Columns, y.Type);
    }

    /// <summary>Refuses what <c>CollectWeightGradients</c> cannot take.</summary>
    public void CollectWeightGradients(ReadOnlySpan<Tensor> windows, Tensor experts, int expertsPerRank, Tensor places, Tensor dWeights)
    {
        const string Operation = "CollectWeightGradients";
        Expect(Operation, "experts", experts, experts.Rows, experts.Columns, ElementType.Int32);
        Expect(Operation, "dWeights", dWeights, experts.Rows, experts.Columns);
        ExpectPlaces(Operation, places, experts.Rows, windows.Length);
        ExpectWindows(Operation, "windows", windows, places, experts.Columns, ElementType.Float32);
        ExpectIndices(Operation, "experts", experts, -1, ExpertsOf(Operation, expertsPerRank, places.Columns));
    }

    /// <summary>Refuses what <c>SumTensors</c> cannot take.</summary>
    public void SumTensors(ReadOnlySpan<Tensor> parts, Tensor sum)
    {
        const string Operation = "SumTensors";
        ExpectRanks(Operation, parts.Length);
        Expect(Operation, "sum", sum, sum.Rows, sum.Columns);
        ExpectContiguous(Operation, "sum", sum);
        foreach (Tensor part in parts)
        {
            Expect(Operation, "parts", part, sum.Rows, sum.Columns);
            ExpectContiguous(Operation, "parts", part);
        }
    }

    /// <summary>Int32 (1, 1), or absent.</summary>
    private void ExpectLive(string operation, Tensor live)
    {
        if (!live.IsAbsent)
        {
            Expect(operation, "live", live, 1, 1, ElementType.Int32);
        }
    }

    /// <summary>Of so many rows those whose contents may be checked.</summary>
    private int Checked(Tensor live, int capacity) => _onHost ? LiveRows.OnHost(live, capacity) : capacity;

    private void ExpectPlaces(string operation, Tensor places, int tokens, int ranks)
    {
        Expect(operation, "places", places, tokens, ranks, ElementType.Int32);
        ExpectRanks(operation, ranks);
    }

    private static void ExpectRanks(string operation, int ranks)
    {
        if (ranks is < 1 or > IExchangeOperations.MostRanks)
        {
            Throw($"{operation}: {ranks} ranks, expected 1 to {IExchangeOperations.MostRanks}.");
        }
    }

    private static void ExpectNodes(string operation, int ranksPerNode, int ranks)
    {
        if (ranksPerNode < 1 || ranks % ranksPerNode != 0)
        {
            Throw($"{operation}: {ranks} ranks do not fill nodes of {ranksPerNode}.");
        }
    }

    private static int ExpertsOf(string operation, int expertsPerRank, int ranks)
    {
        if (expertsPerRank < 1)
        {
            Throw($"{operation}: {expertsPerRank} experts a rank, expected 1 or more.");
        }

        return checked(expertsPerRank * ranks);
    }

    private void ExpectWindows(string operation, string name, ReadOnlySpan<Tensor> windows, Tensor places, int columns, ElementType type)
    {
        for (int rank = 0; rank < windows.Length; rank++)
        {
            Expect(operation, name, windows[rank], windows[0].Rows, columns, type);
            ExpectIndices(operation, "places", places.ColumnRange(rank, 1), -1, windows[rank].Rows);
        }
    }
}
