using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>Quantization: codes and scales are equal to the bit everywhere.</summary>
internal static class QuantizationCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table[nameof(IQuantizedOperations.QuantizeRows)] = trial => QuantizeRows(trial, live: false);
        table["QuantizeRows, live rows"] = trial => QuantizeRows(trial, live: true);
        table[nameof(IQuantizedOperations.DequantizeRows)] = trial => DequantizeRows(trial, live: false);
        table["DequantizeRows, live rows"] = trial => DequantizeRows(trial, live: true);
        table[nameof(IQuantizedOperations.QuantizeBlocks)] = trial => QuantizeBlocks(trial, transposes: false);
        table["QuantizeBlocks, transposed"] = trial => QuantizeBlocks(trial, transposes: true);
        table[nameof(IQuantizedOperations.QuantizeTokens)] = trial => QuantizeTokens(trial, grouped: false);
        table["QuantizeTokens, grouped"] = trial => QuantizeTokens(trial, grouped: true);
        table[nameof(IQuantizedOperations.RequantizeTokens)] = trial => RequantizeTokens(trial, grouped: false);
        table["RequantizeTokens, grouped"] = trial => RequantizeTokens(trial, grouped: true);
        table[nameof(IQuantizedOperations.PackRows)] = trial => PackRows(trial, live: false);
        table["PackRows, live rows"] = trial => PackRows(trial, live: true);
        table[nameof(IQuantizedOperations.UnpackRows)] = trial => UnpackRows(trial, live: false);
        table["UnpackRows, live rows"] = trial => UnpackRows(trial, live: true);
    }

    /// <summary>A size of up to three tiles, with and without a rest.</summary>
    internal static int LongSize(Trial trial) => trial.Next(4) == 0 ? 128 * (1 + trial.Next(2)) : (128 * trial.Next(2)) + trial.Size();

    /// <summary>One part or two, of any sizes.</summary>
    internal static TileCuts Cuts(Trial trial, int length) => trial.Next(2) == 0 ? new TileCuts(length) : new TileCuts(length, trial.Next(length + 1));

    /// <summary>Rows of codes with any scales.</summary>
    internal static QuantizedRows Quantized(Trial trial, int rows, TileCuts cuts) => new(trial.Codes(rows, cuts.Length), trial.Floats(rows, cuts.Count), cuts);

    /// <summary>Transposed codes with any scales.</summary>
    internal static QuantizedTokens Tokens(Trial trial, int rows, int groups, int columns)
    {
        int places = QuantizedTokens.Places(rows, groups);
        return new QuantizedTokens(trial.Codes(columns, places * TileCuts.TileElements), trial.Floats(places, columns), rows);
    }

    /// <summary>Matrices of codes with any scales; transposed ones are other codes.</summary>
    internal static QuantizedBlocks Blocks(Trial trial, int groups, TileCuts outputs, TileCuts inputs, bool transposes) => new(
        trial.Codes(groups * outputs.Length, inputs.Length), trial.Floats(groups * outputs.Count, inputs.Count), groups, outputs,
        transposes ? trial.Codes(groups * inputs.Length, outputs.Length) : default);

    internal static ScaleKind Kind(Trial trial) => trial.Next(2) == 0 ? ScaleKind.Float32 : ScaleKind.PowerOfTwo;

    /// <summary>Values of one of many magnitudes, below the least one that a scale is made for too.</summary>
    private static Tensor Rows(Trial trial, int rows, int columns) => trial.Rows(rows, columns, Math.Pow(10, trial.Next(9) - 6));

    internal static Tensor Live(Trial trial, int rows, bool live) => live ? trial.Ints(1, 1, [trial.Next(rows + 1)]) : default;

    /// <summary>Of groups that leave the last rows out, or absent.</summary>
    internal static Tensor Offsets(Trial trial, int groups, int rows, bool grouped) => grouped ? trial.Offsets(groups, trial.Next(rows + 1)) : default;

    private static void Compare(Trial trial, Tensor codes, Tensor scales)
    {
        trial.Compare("codes", codes, Tolerance.Exact);
        trial.Compare("scales", scales, Tolerance.Exact);
    }

    private static void QuantizeRows(Trial trial, bool live)
    {
        Tensor x = Rows(trial, trial.Size(), LongSize(trial));
        QuantizedRows y = Quantized(trial, x.Rows, Cuts(trial, x.Columns));
        Compare(trial, y.Codes, y.Scales);
        trial.Stream.QuantizeRows(x, y, Kind(trial), Live(trial, x.Rows, live));
    }

    private static void DequantizeRows(Trial trial, bool live)
    {
        QuantizedRows x = Quantized(trial, trial.Size(), Cuts(trial, LongSize(trial)));
        Tensor y = trial.OutputRows("y", x.Codes.Rows, x.Codes.Columns, Tolerance.Exact);
        trial.Stream.DequantizeRows(x, y, Live(trial, y.Rows, live));
    }

    private static void QuantizeBlocks(Trial trial, bool transposes)
    {
        int groups = trial.Size(4);
        TileCuts outputs = Cuts(trial, LongSize(trial)), inputs = new(LongSize(trial));
        Tensor weight = Rows(trial, groups * outputs.Length, inputs.Length);
        QuantizedBlocks y = Blocks(trial, groups, outputs, inputs, transposes);
        Compare(trial, y.Codes, y.Scales);
        if (transposes)
        {
            trial.Compare("transposed", y.Transposed, Tolerance.Exact);
        }

        trial.Stream.QuantizeBlocks(weight, y, Kind(trial));
    }

    private static void QuantizeTokens(Trial trial, bool grouped)
    {
        int groups = grouped ? trial.Size(8) : 1;
        Tensor x = Rows(trial, LongSize(trial), trial.Size());
        QuantizedTokens y = Tokens(trial, x.Rows, groups, x.Columns);
        Compare(trial, y.Codes, y.Scales);
        trial.Stream.QuantizeTokens(x, y, Kind(trial), Offsets(trial, groups, x.Rows, grouped));
    }

    private static void RequantizeTokens(Trial trial, bool grouped)
    {
        int groups = grouped ? trial.Size(8) : 1;
        QuantizedRows x = Quantized(trial, LongSize(trial), Cuts(trial, LongSize(trial)));
        QuantizedTokens y = Tokens(trial, x.Codes.Rows, groups, x.Codes.Columns);
        Compare(trial, y.Codes, y.Scales);
        trial.Stream.RequantizeTokens(x, y, Kind(trial), Offsets(trial, groups, x.Codes.Rows, grouped));
    }

    private static void PackRows(Trial trial, bool live)
    {
        Tensor x = Rows(trial, trial.Size(), LongSize(trial));
        PackedE5M6 y = Packed(trial, x.Rows, x.Columns);
        Compare(trial, y.Words, y.Scales);
        trial.Stream.PackRows(x, y, Live(trial, x.Rows, live));
    }

    private static void UnpackRows(Trial trial, bool live)
    {
        Tensor source = Rows(trial, trial.Size(), LongSize(trial));
        PackedE5M6 x = Packed(trial, source.Rows, source.Columns);
        trial.Stream.PackRows(source, x);
        trial.Stream.UnpackRows(x, trial.OutputRows("y", source.Rows, source.Columns, Tolerance.Exact), Live(trial, source.Rows, live));
    }

    private static PackedE5M6 Packed(Trial trial, int rows, int columns) =>
        new(trial.Indices(rows, PackedE5M6.WordsOf(columns), 0, 9), trial.Floats(rows, TileCuts.Covering(columns)), columns);
}
