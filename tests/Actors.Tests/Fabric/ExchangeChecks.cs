using Actors.Cpu;
using Actors.Runtime.Fabric;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>Compares what a group did with what plain loops expect.</summary>
internal static class ExchangeChecks
{
    /// <summary>Every choice arrived once, at its expert's rank, in source order, then token order.</summary>
    public static void ArrivalsAreSerial(FabricGroup group, int exchange, object label)
    {
        for (int rank = 0; rank < group.Shape.Ranks; rank++)
        {
            Arrival expected = ExpectedExchange.ArrivalAt(group.Shape, group.Data[exchange], rank);
            Arrival actual = group.Arrivals[exchange]![rank];
            string where = $"{label}: exchange {exchange}, rank {rank}";
            Same(expected.RowsFrom, actual.RowsFrom, $"{where}, rows from each source");
            Same(expected.LocalExperts, actual.LocalExperts, $"{where}, local experts");
            Same(expected.Weights, actual.Weights, $"{where}, weights");
            Same(expected.Rows, actual.Rows, $"{where}, rows");
        }
    }

    /// <summary>What came back has the serial sum's bits.</summary>
    public static void SumsAreSerial(FabricGroup group, Move move, object label)
    {
        for (int rank = 0; rank < group.Shape.Ranks; rank++)
        {
            SourceData source = group.Data[move.Exchange][rank];
            string where = $"{label}: {move}, rank {rank}";
            Same(ExpectedExchange.Combined(group.Shape, source, move.Phase), Combined(source, move.Phase), $"{where}, sums");
            if (move.Phase == ExchangePhase.Backward)
            {
                Same(
                    ExpectedExchange.WeightGradients(group.Shape, source),
                    source.WeightGradients.AsSpan<float>().ToArray(),
                    $"{where}, weight gradients");
            }
        }
    }

    public static float[] Combined(SourceData source, ExchangePhase phase) => source.Combined[(int)phase].AsSpan<float>().ToArray();

    private static void Same<T>(T[] expected, T[] actual, string what)
        where T : struct
    {
        int at = 0;
        while (at < expected.Length && at < actual.Length && expected[at].Equals(actual[at]))
        {
            at++;
        }

        Assert.True(
            expected.Length == actual.Length && at == expected.Length,
            at < expected.Length && at < actual.Length
                ? $"{what}: element {at} is {actual[at]}, expected {expected[at]}"
                : $"{what}: {actual.Length} elements, expected {expected.Length}");
    }
}
