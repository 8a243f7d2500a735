using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>The operations, and the variants of them that a backend may treat apart, by name.</summary>
internal static class OperationTable
{
    /// <summary>Ends the names of cases that reach past a backend's blocks; they run with fewer seeds.</summary>
    public const string LargeSuffix = ", large";

    private static readonly Dictionary<string, Action<Trial>> Rows = [], MixedRows = [];

    static OperationTable()
    {
        ElementwiseCases.AddTo(Rows);
        LinearCases.AddTo(Rows);
        NormCases.AddTo(Rows);
        AttentionCases.AddTo(Rows);
        RoutingCases.AddTo(Rows);
        ExchangeCases.AddTo(Rows);
        LiveRowCases.AddTo(Rows);
        LossCases.AddTo(Rows);
        OptimizerCases.AddTo(Rows);
        FusedCases.AddTo(Rows);
        LargeCases.AddTo(Rows);
        MixedRowCases.AddTo(MixedRows);
    }

    public static IEnumerable<string> Names => Rows.Keys;

    /// <summary>Those whose rows may be bfloat16, and those of rows of two types; the first without what float32 alone is asked for.</summary>
    public static IEnumerable<string> NamesOfBFloat16 => Rows.Keys.Except([nameof(IFusedOperations.TryFeedForward)]).Concat(MixedRows.Keys);

    public static void Run(string name, Trial trial) => (Rows.TryGetValue(name, out Action<Trial>? row) ? row : MixedRows[name])(trial);
}
