using Actors.Tensors;

namespace Actors.Parity.Tests;

internal static class ElementwiseCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["Zero"] = Zero;
        table["Zero, bfloat16"] = ZeroBFloat16;
        table["Copy"] = Copy;
        table["Copy, bfloat16"] = CopyBFloat16;
        table["Add"] = Add;
        table["Add, in place"] = AddInPlace;
        table["Add of three"] = AddThree;
        table["Add of three, in place"] = AddThreeInPlace;
        table["SwiGlu"] = SwiGlu;
        table["SwiGluBackward"] = SwiGluBackward;
        table["SwiGluBackward, weighted, in place"] = SwiGluBackwardInPlace;
    }

    private static void Zero(Trial trial) => trial.Stream.Zero(trial.OutputRows("x", trial.Size(), trial.Size(), Tolerance.Exact));

    private static void ZeroBFloat16(Trial trial)
    {
        Tensor x = trial.BFloats(trial.Size(), trial.Size());
        trial.Compare("x", x, Tolerance.Exact);
        trial.Stream.Zero(x);
    }

    private static void Copy(Trial trial)
    {
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        trial.Stream.Copy(x, trial.OutputRows("destination", x.Rows, x.Columns, Tolerance.Exact));
    }

    private static void CopyBFloat16(Trial trial)
    {
        Tensor x = trial.BFloats(trial.Size(), trial.Size());
        trial.Stream.Copy(x, trial.Output("destination", x.Rows, x.Columns, ElementType.BFloat16));
    }

    private static void Add(Trial trial)
    {
        Tensor a = trial.Rows(trial.Size(), trial.Size());
        Tensor b = trial.Rows(a.Rows, a.Columns);
        trial.Stream.Add(a, b, trial.OutputRows("sum", a.Rows, a.Columns, Tolerance.Exact));
    }

    private static void AddInPlace(Trial trial)
    {
        Tensor a = trial.OutputRows("a", trial.Size(), trial.Size(), Tolerance.Exact);
        trial.Stream.Add(a, trial.Rows(a.Rows, a.Columns), a);
    }

    private static void AddThree(Trial trial)
    {
        Tensor a = trial.Rows(trial.Size(), trial.Size());
        Tensor b = trial.Rows(a.Rows, a.Columns);
        Tensor c = trial.Rows(a.Rows, a.Columns);
        trial.Stream.Add(a, b, c, trial.OutputRows("sum", a.Rows, a.Columns, Tolerance.Exact));
    }

    private static void AddThreeInPlace(Trial trial)
    {
        Tensor c = trial.OutputRows("c", trial.Size(), trial.Size(), Tolerance.Exact);
        trial.Stream.Add(trial.Rows(c.Rows, c.Columns), trial.Rows(c.Rows, c.Columns), c, c);
    }

    private static void SwiGlu(Trial trial)
    {
        Tensor gateUp = trial.Rows(trial.Size(), 2 * trial.Size(), scale: 3);
        trial.Stream.SwiGlu(gateUp, trial.OutputRows("y", gateUp.Rows, gateUp.Columns / 2, Tolerance.Exponential));
    }

    private static void SwiGluBackward(Trial trial)
    {
        Tensor gateUp = trial.Rows(trial.Size(), 2 * trial.Size(), scale: 3);
        Tensor dy = trial.Rows(gateUp.Rows, gateUp.Columns / 2);
        trial.Stream.SwiGluBackward(
            gateUp, dy, weights: default,
            trial.OutputRows("dGateUp", gateUp.Rows, gateUp.Columns, Tolerance.Exponential),
            trial.OutputRows("weighted", dy.Rows, dy.Columns, Tolerance.Exponential),
            dWeights: default);
    }

    private static void SwiGluBackwardInPlace(Trial trial)
    {
        Tensor gateUp = trial.OutputRows("gateUp", trial.Size(), 2 * trial.Size(), Tolerance.Exponential);
        Tensor dy = trial.OutputRows("dy", gateUp.Rows, gateUp.Columns / 2, Tolerance.Exponential);
        double sum = Tolerance.Exponential + Tolerance.Product(dy.Columns);
        trial.Stream.SwiGluBackward(
            gateUp, dy, trial.Positive(1, dy.Rows), gateUp, dy, trial.Output("dWeights", 1, dy.Rows, sum));
    }
}
