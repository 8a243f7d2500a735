using System.Runtime.InteropServices;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

internal static class LossCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["Embed"] = Embed;
        table["EmbedBackward"] = EmbedBackward;
        table["CrossEntropy"] = CrossEntropy;
        table["CrossEntropy, in place"] = CrossEntropyInPlace;
        table["DrawTokens"] = trial => DrawTokens(trial, 1 + trial.Size());
        table["DrawTokens" + OperationTable.LargeSuffix] = trial => DrawTokens(trial, 5_000 + trial.Size());
    }

    /// <summary>
    /// Some rows have no slot, some draw the likeliest, some have equal logits. Masses are whole numbers, so tokens and counters are equal, but for an
    /// exponential that a device rounds to the other side of a multiple of 2⁻⁴⁰, and a draw that then falls between the two.
    /// </summary>
    private static void DrawTokens(Trial trial, int vocabulary)
    {
        int rows = trial.Size(16), slots = rows + trial.Next(4);
        int[] slotOf = trial.Choices(1, rows, slots, kind: 0);
        var states = new TokenDraw[slots];
        for (int i = 0; i < slots; i++)
        {
            double topP = trial.Next(3) == 0 ? 1 : trial.NextFloat(0.01f, 1);
            states[i] = new TokenDraw(trial.Next(4) == 0 ? 0 : trial.NextFloat(0.1f, 3), topP, (ulong)trial.Next(int.MaxValue));
        }

        Tensor draws = trial.Output("draws", slots, TokenDraw.Elements, ElementType.Int32);
        trial.Stream.Upload(MemoryMarshal.AsBytes<TokenDraw>(states), draws);
        Tensor tokens = trial.Output("tokens", 1, rows, ElementType.Int32), logits = trial.Floats(rows, vocabulary, scale: trial.Next(3) == 0 ? 0 : 2);
        Tensor places = trial.Ints(1, rows, slotOf);
        for (int step = 0; step < 3; step++)
        {
            trial.Stream.DrawTokens(logits, places, draws, tokens);
        }
    }

    private static void Embed(Trial trial)
    {
        Tensor table = trial.Floats(trial.Size(), trial.Size());
        Tensor ids = trial.Indices(1, trial.Size(), 0, table.Rows);
        trial.Stream.Embed(ids, table, trial.OutputRows("y", ids.Columns, table.Columns, Tolerance.Exact));
    }

    private static void EmbedBackward(Trial trial)
    {
        int vocabulary = trial.Size();
        Tensor dy = trial.Rows(trial.Size(), trial.Size());
        Tensor ids = trial.Indices(1, dy.Rows, 0, vocabulary);
        trial.Stream.EmbedBackward(ids, dy, trial.Output("dTable", vocabulary, dy.Columns, Tolerance.Product(dy.Rows)));
    }

    private static void CrossEntropy(Trial trial)
    {
        Tensor logits = trial.Rows(trial.Size(), 1 + trial.Size(), scale: 3);
        Tensor targets = trial.Indices(1, logits.Rows, -1, logits.Columns);
        trial.Stream.CrossEntropy(
            // The loss of a likely token is a small difference of large terms: an absolute error of about 1e-6 nats.
            logits, targets, 1f / logits.Rows, trial.Output("losses", 1, logits.Rows, Tolerance.Exponential, floor: 1),
            trial.Next(3) == 0 ? default : trial.OutputRows("dLogits", logits.Rows, logits.Columns, Tolerance.Exponential));
    }

    private static void CrossEntropyInPlace(Trial trial)
    {
        Tensor logits = trial.OutputRows("logits", trial.Size(), 1 + trial.Size(), Tolerance.Exponential);
        Tensor targets = trial.Indices(1, logits.Rows, -1, logits.Columns);
        trial.Stream.CrossEntropy(
            logits, targets, 1, trial.Output("losses", 1, logits.Rows, Tolerance.Exponential, floor: 1), logits);
    }
}
