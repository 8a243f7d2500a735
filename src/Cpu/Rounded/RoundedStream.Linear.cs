using Actors.Tensors;

namespace Actors.Cpu.Rounded;

/// <summary>
/// Products. Where rows or results are bfloat16, both operands are rounded to it, weights and rows of float32 too; where all is float32, nothing is. Weight
/// gradients are float32 and go on from what they hold.
/// </summary>
internal sealed partial class RoundedStream
{
    /// <inheritdoc/>
    public void Prepare(Weight weight) => Own(weight).Refresh(_float32);

    /// <inheritdoc/>
    public void Linear(Tensor x, Weight weight, Tensor y, Tensor addend = default)
    {
        Checks.Linear("Linear", x, weight, y, addend, result: y);
        WidenedRows rows = _rows.Begin();
        _float32.Linear(Operand(x, beside: y, x.Rows), Matrices(weight, x, y), rows.Write(y), rows.Read(addend));
        rows.Store();
    }

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Weight weight, Tensor dx, Tensor addend = default)
    {
        Checks.Linear("LinearBackwardInput", dx, weight, dy, addend, result: dx);
        WidenedRows rows = _rows.Begin();
        _float32.LinearBackwardInput(Operand(dy, beside: dx, dy.Rows), Matrices(weight, dy, dx), rows.Write(dx), rows.Read(addend));
        rows.Store();
    }

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor dy, Tensor x, Tensor dWeight, bool accumulate = true)
    {
        Checks.LinearBackwardWeight(dy, x, dWeight);
        _rows.Begin();
        _float32.LinearBackwardWeight(Operand(dy, beside: x, dy.Rows), Operand(x, beside: dy, x.Rows), dWeight, accumulate);
    }

    /// <inheritdoc/>
    public void GroupedLinear(Tensor x, Tensor offsets, Weight weight, Tensor y)
    {
        Checks.GroupedLinear("GroupedLinear", x, offsets, weight, y);
        WidenedRows rows = _rows.Begin();
        int count = Grouped(offsets);
        _float32.GroupedLinear(Operand(x, beside: y, count), offsets, Matrices(weight, x, y), rows.Write(y, count));
        rows.Store();
    }

    /// <inheritdoc/>
    public void GroupedLinearBackwardInput(Tensor dy, Tensor offsets, Weight weight, Tensor dx)
    {
        Checks.GroupedLinear("GroupedLinearBackwardInput", dx, offsets, weight, dy);
        WidenedRows rows = _rows.Begin();
        int count = Grouped(offsets);
        _float32.GroupedLinearBackwardInput(Operand(dy, beside: dx, count), offsets, Matrices(weight, dy, dx), rows.Write(dx, count));
        rows.Store();
    }

    /// <inheritdoc/>
    public void GroupedLinearBackwardWeight(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight, bool accumulate = true)
    {
        Checks.GroupedLinearBackwardWeight(dy, x, offsets, dWeight);
        _rows.Begin();
        int count = Grouped(offsets);
        _float32.GroupedLinearBackwardWeight(Operand(dy, beside: x, count), Operand(x, beside: dy, count), offsets, dWeight, accumulate);
    }

    private static bool AreFloat32(Tensor rows, Tensor beside) => rows.Type == ElementType.Float32 && beside.Type == ElementType.Float32;

    /// <summary>Rows of a grouped product that are there.</summary>
    private static int Grouped(Tensor offsets) => offsets.RowSpan<int>(0)[^1];

    private Tensor Operand(Tensor rows, Tensor beside, int live) => AreFloat32(rows, beside) ? rows : _rows.ReadRounded(rows, live);

    private Weight Matrices(Weight weight, Tensor rows, Tensor result) =>
        AreFloat32(rows, result) ? Own(weight).Exact(_float32) : Own(weight).Rounded(_float32);
}
