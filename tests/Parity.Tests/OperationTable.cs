using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>The operations, and the variants of them that a backend may treat apart, by name.</summary>
internal static class OperationTable
{
    /// <summary>Ends the names of cases that reach past a backend's blocks; they run with fewer seeds.</summary>
    public const string LargeSuffix = ", large";

    private static readonly Dictionary<string, Action<Trial>> Rows = [], BFloat16Rows = [];

    static OperationTable()
    {
        ElementwiseCases.AddTo(Rows);
        LinearCases.AddTo(Rows);
        NormCases.AddTo(Rows);
        AttentionCases.AddTo(Rows);
        RoutingCases.AddTo(Rows);
        BalanceCases.AddTo(Rows);
        ExchangeCases.AddTo(Rows);
        FlagCases.AddTo(Rows);
        LiveRowCases.AddTo(Rows);
        LossCases.AddTo(Rows);
        OptimizerCases.AddTo(Rows);
        FusedCases.AddTo(Rows);
        QuantizationCases.AddTo(Rows);
        PackedRowCases.AddTo(Rows);
        FusedQuantizedCases.AddTo(Rows);
        QuantizedLinearCases.AddTo(Rows);
        LargeCases.AddTo(Rows);
        MixedRowCases.AddTo(BFloat16Rows);
        TensorCoreCases.AddTo(BFloat16Rows);
    }

    public static IEnumerable<string> Names => Rows.Keys;

    /// <summary>Those that run with rows of bfloat16: all but what float32 alone is asked for, and variants that only such rows have.</summary>
    public static IEnumerable<string> NamesOfBFloat16 => Rows.Keys.Except([nameof(IFusedOperations.TryFeedForward)]).Concat(BFloat16Rows.Keys);

    public static void Run(string name, Trial trial) => (Rows.TryGetValue(name, out Action<Trial>? row) ? row : BFloat16Rows[name])(trial);
}
