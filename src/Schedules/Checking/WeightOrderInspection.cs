namespace Actors.Schedules.Checking;

/// <summary>Finds in what order a timetable's backwards for weights come, by where the I of each stands. Linear in actions.</summary>
internal static class WeightOrderInspection
{
    public static WeightOrder Find(Timetable timetable, ChunkLedger ledger)
    {
        var order = WeightOrder.OfRank;
        var lastOfStage = new (int Rank, int Position)[timetable.Stages];
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            var orderOfRank = Find(timetable, rank, ledger, lastOfStage);
            order = orderOfRank > order ? orderOfRank : order;
        }

        return order;
    }

    private static WeightOrder Find(Timetable timetable, int rank, ChunkLedger ledger, Span<(int Rank, int Position)> lastOfStage)
    {
        var order = WeightOrder.OfRank;
        var lastOfRank = -1;
        foreach (ref readonly var action in timetable.ActionsOf(rank).AsSpan())
        {
            if (action.Kind != ActionKind.BackwardWeights || action.Stage >= timetable.Stages || action.MicroBatch >= timetable.MicroBatches)
            {
                continue;
            }

            var (inputRank, position) = ledger.PlaceOf(ActionKind.BackwardInput, action.Stage, action.MicroBatch);
            if (inputRank != rank)
            {
                continue;
            }

            if (lastOfStage[action.Stage] is var last && last.Rank == rank && position < last.Position)
            {
                return WeightOrder.Free;
            }

            order = position < lastOfRank ? WeightOrder.OfStage : order;
            lastOfRank = Math.Max(lastOfRank, position);
            lastOfStage[action.Stage] = (rank, position);
        }

        return order;
    }
}
