using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>
/// Rows whose scales stand behind their codes, as they travel between ranks: made in place, moved as bytes and sorted as codes and scales, at any multiple of 4 bytes.
/// </summary>
internal static class PackedRowCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["QuantizeRows, packed"] = trial => Quantize(trial, live: false);
        table["QuantizeRows, packed, live rows"] = trial => Quantize(trial, live: true);
        table["GatherRows, packed"] = trial => Gather(trial, live: false);
        table["GatherRows, packed, live rows"] = trial => Gather(trial, live: true);
        table["PushRows, packed"] = Push;
        table["DispatchTokens, packed"] = Dispatch;
    }

    /// <summary>Bytes of a row around it, and those between codes and scales, stay what they were: all of the memory is compared.</summary>
    private static void Quantize(Trial trial, bool live)
    {
        Tensor x = trial.Rows(trial.Size(), QuantizationCases.LongSize(trial), Math.Pow(10, trial.Next(9) - 6));
        PackedE4M3 y = Packed(trial, x.Rows, x.Columns, "rows");
        trial.Stream.QuantizeRows(x, y.Rows, QuantizationCases.Kind(trial), QuantizationCases.Live(trial, x.Rows, live));
    }

    private static void Gather(Trial trial, bool live)
    {
        QuantizedRows x = Packed(trial, trial.Size(), QuantizationCases.LongSize(trial)).Rows;
        int rows = trial.Size();
        Tensor count = QuantizationCases.Live(trial, rows, live), from = trial.Indices(1, rows, -1, x.Codes.Rows);
        QuantizedRows y = QuantizationCases.Quantized(trial, rows, x.Cuts);
        trial.Compare("codes", y.Codes, Tolerance.Exact);
        trial.Compare("scales", y.Scales, Tolerance.Exact);
        trial.Stream.GatherRows(x.Codes, from, y.Codes, count);
        trial.Stream.GatherRows(x.Scales, from, y.Scales, count);
    }

    private static void Push(Trial trial)
    {
        int tokens = trial.Size(), ranks = 1 + trial.Next(8), columns = QuantizationCases.LongSize(trial);
        var places = new int[tokens * ranks];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = trial.Next(3) == 0 ? -1 : i / ranks;
        }

        Tensor[] windows = [.. Enumerable.Range(0, ranks).Select(rank => Packed(trial, tokens, columns, $"window {rank}").Bytes)];
        trial.Stream.PushRows(Packed(trial, tokens, columns).Bytes, trial.Ints(tokens, ranks, places), windows);
    }

    private static void Dispatch(Trial trial)
    {
        int most = trial.Size(), tokens = trial.Next(most + 1), experts = trial.Size(8), choices = trial.Size(experts), columns = QuantizationCases.LongSize(trial);
        Tensor chosen = trial.Ints(tokens, choices, trial.Choices(tokens, choices, experts, trial.Next(3)));
        Tensor windowExperts = trial.Indices(most, choices, 0, 9), places = trial.Indices(tokens, 1, 0, 9);
        trial.Compare("experts", windowExperts, Tolerance.Exact);
        trial.Compare("places", places, Tolerance.Exact);
        trial.Stream.DispatchTokens(
            trial.Flags(most), rank: 0, ranksPerNode: 1, Packed(trial, tokens, columns).Bytes, chosen, trial.Floats(tokens, choices), experts,
            [Packed(trial, most, columns, "window").Bytes], [windowExperts], [trial.Floats(most, choices)], places, trial.Ints(1, 3, [0, 0, 0]));
    }

    /// <summary>Packed rows of any bytes, half of them apart from each other; compared where they have a name.</summary>
    private static PackedE4M3 Packed(Trial trial, int rows, int columns, string? name = null)
    {
        int bytes = PackedE4M3.BytesOf(columns), words = bytes / sizeof(int), apart = trial.Next(2) * trial.Next(6), before = trial.Next(apart + 1);
        Tensor whole = trial.Indices(rows, words + apart, 0, 1 << 30);
        if (name is not null)
        {
            trial.Compare(name, whole, Tolerance.Exact);
        }

        return new PackedE4M3(
            new Tensor(whole.Buffer, (long)before * sizeof(int), rows, bytes, whole.RowStride * sizeof(int), ElementType.E4M3), columns);
    }
}
