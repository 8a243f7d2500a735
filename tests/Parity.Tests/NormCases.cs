using Actors.Tensors;

namespace Actors.Parity.Tests;

internal static class NormCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["RmsNorm"] = Norm;
        table["RmsNorm, in place"] = NormInPlace;
        table["RmsNormBackward"] = Backward;
        table["RmsNormBackward, addend, in place"] = BackwardInPlace;
    }

    private static void Norm(Trial trial)
    {
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        double tolerance = Tolerance.FewRoundings;
        trial.Stream.RmsNorm(
            x, trial.Floats(1, x.Columns), 1e-6f,
            trial.OutputRows("y", x.Rows, x.Columns, tolerance), trial.Output("rstd", 1, x.Rows, tolerance));
    }

    private static void NormInPlace(Trial trial)
    {
        Tensor x = trial.OutputRows("x", trial.Size(), trial.Size(), Tolerance.FewRoundings);
        trial.Stream.RmsNorm(x, trial.Floats(1, x.Columns), 1e-6f, x, rstd: default);
    }

    private static void Backward(Trial trial)
    {
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        trial.Stream.RmsNormBackward(
            trial.Rows(x.Rows, x.Columns), x, trial.Floats(1, x.Columns), trial.Positive(1, x.Rows),
            trial.OutputRows("dx", x.Rows, x.Columns, Tolerance.Product(x.Columns)), trial.Output("dWeight", 1, x.Columns, Tolerance.Product(x.Rows)));
    }

    private static void BackwardInPlace(Trial trial)
    {
        Tensor dy = trial.OutputRows("dy", trial.Size(), trial.Size(), Tolerance.Product(64));
        Tensor x = trial.Rows(dy.Rows, dy.Columns);
        trial.Stream.RmsNormBackward(
            dy, x, trial.Floats(1, x.Columns), trial.Positive(1, x.Rows), dy,
            trial.Output("dWeight", 1, x.Columns, Tolerance.Product(x.Rows)), trial.Rows(x.Rows, x.Columns));
    }
}
