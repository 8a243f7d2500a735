using Actors.Gpu.Operations;
using Actors.Gpu.Operations.Products;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Matrix products; a single one is a grouped one of one group.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void Prepare(Weight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        ((CudaWeight)weight).Refresh(Queue, _kernels.Rounding);
    }

    /// <inheritdoc/>
    public void Linear(Tensor x, Weight weight, Tensor y, Tensor addend = default)
    {
        Checks.Linear("Linear", x, weight, y, addend, result: y);
        if (FewRowsOf(x, weight, y, addend) is { } product)
        {
            _kernels.FewRows.Linear(Queue, product);
            return;
        }

        Multiply(ProductForm.Forward, x, weight, y, addend, offsets: default);
    }

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Weight weight, Tensor dx, Tensor addend = default)
    {
        Checks.Linear("LinearBackwardInput", dx, weight, dy, addend, result: dx);
        Multiply(ProductForm.BackwardInput, dy, weight, dx, addend, offsets: default);
    }

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor dy, Tensor x, Tensor dWeight, bool accumulate = true)
    {
        Checks.LinearBackwardWeight(dy, x, dWeight);
        SumOverRows(dy, x, offsets: default, dWeight, accumulate);
    }

    /// <inheritdoc/>
    public void GroupedLinear(Tensor x, Tensor offsets, Weight weight, Tensor y)
    {
        Checks.GroupedLinear("GroupedLinear", x, offsets, weight, y);
        Multiply(ProductForm.Forward, x, weight, y, addend: default, offsets);
    }

    /// <inheritdoc/>
    public void GroupedLinearBackwardInput(Tensor dy, Tensor offsets, Weight weight, Tensor dx)
    {
        Checks.GroupedLinear("GroupedLinearBackwardInput", dx, offsets, weight, dy);
        Multiply(ProductForm.BackwardInput, dy, weight, dx, addend: default, offsets);
    }

    /// <inheritdoc/>
    public void GroupedLinearBackwardWeight(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight, bool accumulate = true)
    {
        Checks.GroupedLinearBackwardWeight(dy, x, offsets, dWeight);
        SumOverRows(dy, x, offsets, dWeight, accumulate);
    }

    /// <summary>result = [addend +] rows times the weight, transposed in a forward product.</summary>
    private void Multiply(ProductForm form, Tensor rows, Weight weight, Tensor result, Tensor addend, Tensor offsets)
    {
        if (result.Count == 0)
        {
            return;
        }

        bool isFloat32 = rows.Type == ElementType.Float32 && result.Type == ElementType.Float32;
        var product = new Product
        {
            A = isFloat32 ? RowView.Of(rows) : Rounded(rows),
            B = isFloat32 ? RowView.Of(weight.Values) : ((CudaWeight)weight).Rounded(Queue, _kernels.Rounding),
            Result = RowView.Of(result),
            Addend = RowView.Of(addend),
            Offsets = RowView.AddressOf(offsets),
            Groups = weight.Groups,
            Rows = result.Rows,
            Columns = result.Columns,
            Depth = rows.Columns,
            ResultIsFloat32 = result.Type == ElementType.Float32 ? 1 : 0,
        };
        if (isFloat32)
        {
            _kernels.Float32Products.OfRows(Queue, form, product);
        }
        else if (!offsets.IsAbsent || !_denseProducts.TryMultiply(form, product))
        {
            _kernels.BFloat16Products.OfRows(Queue, form, product);
        }
    }

    private void SumOverRows(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight, bool accumulate)
    {
        if (dWeight.Count == 0 || (accumulate && x.Rows == 0))
        {
            return;
        }

        bool isFloat32 = dy.Type == ElementType.Float32 && x.Type == ElementType.Float32;
        var product = new Product
        {
            A = isFloat32 ? RowView.Of(dy) : Rounded(dy),
            B = isFloat32 ? RowView.Of(x) : Rounded(x),
            Result = RowView.Of(dWeight),
            Addend = accumulate ? RowView.Of(dWeight) : default,
            Offsets = RowView.AddressOf(offsets),
            Groups = offsets.IsAbsent ? 1 : offsets.Columns - 1,
            Rows = dy.Columns,
            Columns = x.Columns,
            Depth = x.Rows,
            ResultIsFloat32 = 1,
        };
        if (isFloat32)
        {
            _kernels.Float32Products.OverRows(Queue, product, _scratch);
        }
        else if (!offsets.IsAbsent || !_denseProducts.TryMultiply(ProductForm.BackwardWeight, product))
        {
            _kernels.BFloat16Products.OverRows(Queue, product, _scratch);
        }
    }

    /// <summary>
    /// Rows as an operand of bfloat16. Those of float32 beside others of bfloat16, a gate's logits' gradients, are rounded in memory of their own: an operation
    /// has one such operand at most.
    /// </summary>
    private RowView Rounded(Tensor rows) => rows.Type == ElementType.BFloat16
        ? RowView.Of(rows)
        : _kernels.Rounding.Enqueue(
            Queue, RowView.Of(rows), _roundedRows.Take(RowRounding.BytesOf(rows.Rows, rows.Columns)), rows.Rows, rows.Columns);
}
