using Actors.Tensors;

namespace Actors.Parity.Tests;

internal static class LossCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["Embed"] = Embed;
        table["EmbedBackward"] = EmbedBackward;
        table["CrossEntropy"] = CrossEntropy;
        table["CrossEntropy, in place"] = CrossEntropyInPlace;
    }

    private static void Embed(Trial trial)
    {
        Tensor table = trial.Floats(trial.Size(), trial.Size());
        Tensor ids = trial.Indices(1, trial.Size(), 0, table.Rows);
        trial.Stream.Embed(ids, table, trial.Output("y", ids.Columns, table.Columns, Tolerance.Exact));
    }

    private static void EmbedBackward(Trial trial)
    {
        int vocabulary = trial.Size();
        Tensor dy = trial.Floats(trial.Size(), trial.Size());
        Tensor ids = trial.Indices(1, dy.Rows, 0, vocabulary);
        trial.Stream.EmbedBackward(ids, dy, trial.Output("dTable", vocabulary, dy.Columns, Tolerance.Product(dy.Rows)));
    }

    private static void CrossEntropy(Trial trial)
    {
        Tensor logits = trial.Floats(trial.Size(), 1 + trial.Size(), scale: 3);
        Tensor targets = trial.Indices(1, logits.Rows, -1, logits.Columns);
        trial.Stream.CrossEntropy(
            // The loss of a likely token is a small difference of large terms: an absolute error of about 1e-6 nats.
            logits, targets, 1f / logits.Rows, trial.Output("losses", 1, logits.Rows, Tolerance.Exponential, floor: 1),
            trial.Next(3) == 0 ? default : trial.Output("dLogits", logits.Rows, logits.Columns, Tolerance.Exponential));
    }

    private static void CrossEntropyInPlace(Trial trial)
    {
        Tensor logits = trial.Output("logits", trial.Size(), 1 + trial.Size(), Tolerance.Exponential);
        Tensor targets = trial.Indices(1, logits.Rows, -1, logits.Columns);
        trial.Stream.CrossEntropy(
            logits, targets, 1, trial.Output("losses", 1, logits.Rows, Tolerance.Exponential, floor: 1), logits);
    }
}
