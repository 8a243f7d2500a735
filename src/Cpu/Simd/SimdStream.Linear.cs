using Actors.Cpu.Simd.Products;
using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Simd;

/// <summary>Products.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void Prepare(Weight weight) => Own(weight).Prepare();

    /// <inheritdoc/>
    public void Linear(Tensor x, Weight weight, Tensor y, Tensor addend)
    {
        SimdWeight own = Own(weight);
        ShapeChecks.Host.Linear(nameof(Linear), x, weight, y, addend, y);
        Multiply(x, 0, x.Rows, own.Forward(0), y, addend);
    }

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Weight weight, Tensor dx, Tensor addend)
    {
        SimdWeight own = Own(weight);
        ShapeChecks.Host.Linear(nameof(LinearBackwardInput), dx, weight, dy, addend, dx);
        Multiply(dy, 0, dy.Rows, own.Backward(0), dx, addend);
    }

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor dy, Tensor x, Tensor dWeight, bool accumulate = true)
    {
        ShapeChecks.Host.LinearBackwardWeight(dy, x, dWeight);
        Gradient(dy, x, 0, x.Rows, Floats(dWeight), dWeight.RowStride, accumulate);
    }

    /// <inheritdoc/>
    public void GroupedLinear(Tensor x, Tensor offsets, Weight weight, Tensor y)
    {
        SimdWeight own = Own(weight);
        ShapeChecks.Host.GroupedLinear(nameof(GroupedLinear), x, offsets, weight, y);
        MultiplyGroups(x, Ints(offsets), own, backward: false, y);
    }

    /// <inheritdoc/>
    public void GroupedLinearBackwardInput(Tensor dy, Tensor offsets, Weight weight, Tensor dx)
    {
        SimdWeight own = Own(weight);
        ShapeChecks.Host.GroupedLinear(nameof(GroupedLinearBackwardInput), dx, offsets, weight, dy);
        MultiplyGroups(dy, Ints(offsets), own, backward: true, dx);
    }

    /// <inheritdoc/>
    public void GroupedLinearBackwardWeight(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight, bool accumulate = true)
    {
        ShapeChecks.Host.GroupedLinearBackwardWeight(dy, x, offsets, dWeight);
        int* starts = Ints(offsets);
        nint length = (nint)dy.Columns * dWeight.RowStride;
        for (int group = 0; group < offsets.Columns - 1; group++)
        {
            float* dw = Floats(dWeight) + group * length;
            if (group + 2 < offsets.Columns)
            {
                Upcoming.OfThread->AddFirst(
                    Floats(x) + (nint)starts[group + 1] * x.RowStride, (nint)(starts[group + 2] - starts[group + 1]) * x.RowStride);
                Upcoming.OfThread->AddFirst(dw + length, length);
            }

            Gradient(dy, x, starts[group], starts[group + 1] - starts[group], dw, dWeight.RowStride, accumulate);
        }
    }

    private static SimdWeight Own(Weight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return weight as SimdWeight
            ?? throw new ArgumentException(
                $"The weight is a {weight.GetType().Name} of another backend; create it with this one.", nameof(weight));
    }

    /// <summary>Each group's rows times its matrix; the next one's is asked for meanwhile.</summary>
    private void MultiplyGroups(Tensor left, int* starts, SimdWeight weight, bool backward, Tensor result)
    {
        for (int group = 0; group < weight.Groups; group++)
        {
            if (group + 1 < weight.Groups)
            {
                Upcoming.OfThread->AddFirst((float*)Matrix(group + 1).First, Elements(weight));
            }

            Multiply(left, starts[group], starts[group + 1] - starts[group], Matrix(group), result, default);
        }

        RightMatrix Matrix(int group) => backward ? weight.Backward(group) : weight.Forward(group);
    }

    private void Multiply(Tensor left, int firstRow, int rows, in RightMatrix right, Tensor result, Tensor addend)
    {
        if (rows == 0)
        {
            return;
        }

        var strip = new Strip
        {
            A = Floats(left) + (long)firstRow * left.RowStride,
            AStride = left.RowStride,
            C = Floats(result) + (long)firstRow * result.RowStride,
            CStride = result.RowStride,
            Addend = Floats(addend),
            AddendStride = addend.RowStride,
            Upcoming = Upcoming.OfThread,
        };
        LinearProduct.Run(strip, rows, left.Columns, result.Columns, right, Reserve(LinearProduct.ScratchFloats));
    }

    private void Gradient(Tensor dy, Tensor x, int firstRow, int rows, float* dw, int dwStride, bool accumulate)
    {
        var product = new Strip
        {
            A = Floats(dy) + (long)firstRow * dy.RowStride,
            AStride = dy.RowStride,
            B = Floats(x) + (long)firstRow * x.RowStride,
            BStep = x.RowStride,
            C = dw,
            CStride = dwStride,
            Accumulate = accumulate,
            Upcoming = Upcoming.OfThread,
        };
        WeightGradient.Run(product, rows, dy.Columns, x.Columns, Reserve(WeightGradient.ScratchFloats));
    }
}
