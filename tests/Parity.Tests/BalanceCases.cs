using Actors.Tensors;

namespace Actors.Parity.Tests;

internal static class BalanceCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["BalanceLoss"] = trial => Run(trial, Scores(trial, trial.Size(), trial.Size()), trial.Size(5), dropped: 0);
        table["BalanceLoss, dropped"] = trial => Run(trial, Scores(trial, trial.Size(), trial.Size()), trial.Size(5), dropped: 1);
        table["BalanceLoss, ties"] = trial => Run(trial, trial.Steps(trial.Size(), trial.Size(), 1, 5, 0.125f), trial.Size(5), dropped: 1);
        table["BalanceLoss, no rows"] = trial => Run(trial, Scores(trial, 0, trial.Size()), trial.Size(5), dropped: 0);
        // More tokens than a GPU has warps at once, and the published model's numbers of experts.
        table["BalanceLoss" + OperationTable.LargeSuffix] = trial => Run(trial, Scores(trial, 12_000, 256), 3, dropped: 1, choices: 8);
    }

    /// <summary>The same numbers on every backend, from 0 to 1.</summary>
    private static Tensor Scores(Trial trial, int tokens, int experts) => trial.Steps(tokens, experts, 1, 1 << 20, 1f / (1 << 20));

    /// <summary>
    /// The gradient is a difference of counts, c − m, which all but vanishes where every expert has been chosen as often: it is added to numbers of size 1, and its
    /// scale makes it as large, so that what rounding leaves shows beside both.
    /// </summary>
    private static void Run(Trial trial, Tensor scores, int sequences, int dropped, int choices = 0)
    {
        int wanted = choices > 0 ? choices : 1 + trial.Next(Math.Min(8, scores.Columns));
        int[] chosen = trial.Choices(scores.Rows, wanted, scores.Columns, kind: 0);
        for (int token = 0; token < scores.Rows; token++)
        {
            // Who was chosen with the bias does not count, only whether the token has choices.
            Span<int> own = chosen.AsSpan(token * wanted, wanted);
            if (dropped > 0 && trial.Next(3) == 0)
            {
                own.Fill(-1);
            }
            else
            {
                own[0] = Math.Max(own[0], 0);
            }
        }

        trial.Stream.BalanceLoss(
            scores, trial.Ints(scores.Rows, wanted, chosen), trial.Offsets(sequences, scores.Rows), scale: scores.Rows,
            trial.Output("losses", 1, sequences, Tolerance.Exponential), trial.Output("dLogits", scores.Rows, scores.Columns, Tolerance.Exponential));
    }
}
