using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>Operations in one go, of few rows of bfloat16; others one after the other.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void NormLinear(Tensor x, Tensor norm, float epsilon, Tensor normed, Tensor rstd, Weight weight, Tensor y)
    {
        bool isFew = x.Type == ElementType.BFloat16 && x.Rows <= FewRowKernels.MostRows;
        if (isFew)
        {
            Checks.RmsNorm(x, norm, normed, rstd);
            Checks.Linear("NormLinear", x, weight, y, addend: default, result: y);
        }

        if (!isFew || !TryFewRows(x, weight, y, addend: default, (RowView.AddressOf(norm), epsilon), normed, rstd))
        {
            RmsNorm(x, norm, epsilon, normed, rstd);
            Linear(normed, weight, y);
        }
    }

    /// <inheritdoc/>
    public void AppendLatents(Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache)
    {
        Checks.AppendLatents(query, latent, key, append, normed, cache);
        // Pairs are rotated as one word.
        bool isPaired = ((nuint)query.Pointer | (nuint)key.Pointer) % sizeof(int) == 0
            && (query.RowStride | key.RowStride | (query.Columns / append.Heads)) % 2 == 0;
        if (query.Type == ElementType.Float32 || query.Rows == 0 || !isPaired)
        {
            IFusedOperations.AppendInTurn(this, query, latent, key, append, normed, cache);
            return;
        }

        _kernels.Appends.Append(
            Queue, RowView.Of(query), RowView.Of(latent), RowView.Of(key), append, RowView.Of(normed), RowView.Of(cache),
            new AppendSizes(append.Heads, query.Columns / append.Heads, append.Cos.Columns, latent.Columns), query.Rows);
    }

    /// <inheritdoc/>
    public bool TryFeedForward(Tensor x, Tensor experts, Tensor weights, Weight gateUp, Weight down, Tensor y, Tensor addend)
    {
        Checks.FeedForward(x, experts, weights, gateUp, down, y, addend);
        if (x.Type == ElementType.Float32 || x.Rows > FewRowKernels.MostRows || y.Count == 0 || y.Type != x.Type || (!addend.IsAbsent && addend.Type != x.Type))
        {
            return false;
        }

        var work = new FewExperts
        {
            X = RowView.Of(x),
            Experts = RowView.Of(experts),
            Weights = RowView.Of(weights),
            GateUp = ((CudaWeight)gateUp).Rounded(Queue, _kernels.Rounding),
            Down = ((CudaWeight)down).Rounded(Queue, _kernels.Rounding),
            Addend = RowView.Of(addend),
            Y = RowView.Of(y),
            Rows = x.Rows,
            Choices = experts.IsAbsent ? 1 : experts.Columns,
            Depth = x.Columns,
            Inner = down.Inputs,
            Outputs = down.Outputs,
        };
        if (!FewRowKernels.Takes(work))
        {
            return false;
        }

        work.Activated = _scratch.Take(FewRowKernels.ScratchBytes(work));
        _kernels.FewRows.FeedForward(Queue, work);
        return true;
    }

    /// <summary>A product of few rows of bfloat16, of their norm where there is one.</summary>
    private bool TryFewRows(Tensor x, Weight weight, Tensor y, Tensor addend, (nuint Weight, float Epsilon) norm = default, Tensor normed = default, Tensor rstd = default)
    {
        if (x.Rows is 0 or > FewRowKernels.MostRows || y.Count == 0 || weight.Groups != 1 || (!addend.IsAbsent && addend.Type != ElementType.BFloat16))
        {
            return false;
        }

        var product = new FewProduct
        {
            X = RowView.Of(x),
            Weight = ((CudaWeight)weight).Rounded(Queue, _kernels.Rounding),
            Addend = RowView.Of(addend),
            Result = (nuint)y.Pointer,
            ResultStride = y.RowStride,
            Norm = norm.Weight,
            Normed = RowView.Of(normed),
            Rstd = RowView.AddressOf(rstd),
            Epsilon = norm.Epsilon,
            Rows = x.Rows,
            Columns = y.Columns,
            Depth = x.Columns,
            ResultIsFloat32 = y.Type == ElementType.Float32 ? 1 : 0,
        };
        if (!FewRowKernels.Takes(product))
        {
            return false;
        }

        _kernels.FewRows.Linear(Queue, product);
        return true;
    }
}
