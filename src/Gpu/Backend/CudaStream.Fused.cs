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
        if (IsFew(x))
        {
            Checks.RmsNorm(x, norm, normed, rstd);
            Checks.Linear("NormLinear", x, weight, y, addend: default, result: y);
            if (FewRowsOf(x, weight, y, addend: default, (RowView.AddressOf(norm), epsilon), normed, rstd) is { } product)
            {
                _kernels.FewRows.Linear(Queue, product);
                return;
            }
        }

        RmsNorm(x, norm, epsilon, normed, rstd);
        Linear(normed, weight, y);
    }

    /// <inheritdoc/>
    public void AppendLatents(Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache)
    {
        Checks.AppendLatents(query, latent, key, append, normed, cache);
        if (query.Type == ElementType.Float32 || query.Rows == 0 || !IsPaired(query, key, append))
        {
            IFusedOperations.AppendInTurn(this, query, latent, key, append, normed, cache);
            return;
        }

        _kernels.Appends.Append(Queue, AppendedRows.Of(query, latent, key, append, normed, cache), query.Rows);
    }

    /// <inheritdoc/>
    public void AppendProjected(in QueryProjection projection, Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache)
    {
        (Tensor x, Tensor norm, float epsilon, Tensor normedQuery, Weight up) = projection;
        Checks.RmsNorm(x, norm, normedQuery, rstd: default);
        Checks.Linear("AppendProjected", x, up, query, addend: default, result: query);
        Checks.AppendLatents(query, latent, key, append, normed, cache);
        bool isTaken = IsFew(x) && query.Type == x.Type && IsPaired(query, key, append);
        if (isTaken && FewRowsOf(x, up, query, addend: default, (RowView.AddressOf(norm), epsilon), normedQuery) is { } product)
        {
            _kernels.Appends.AppendProjected(Queue, product, AppendedRows.Of(query, latent, key, append, normed, cache));
        }
        else
        {
            IFusedOperations.AppendProjectedInTurn(this, projection, query, latent, key, append, normed, cache);
        }
    }

    /// <inheritdoc/>
    public void NormChooseExperts(
        Tensor x, Tensor norm, float epsilon, Tensor normed, Tensor rstd, in GateChoice gate, Tensor scores, Tensor experts, Tensor weights)
    {
        if (IsFew(x))
        {
            Checks.RmsNorm(x, norm, normed, rstd);
            Checks.Linear("NormChooseExperts", x, gate.Weight, scores, addend: default, result: scores);
            Checks.ChooseExperts(scores, gate.Bias, gate.Shape, scores, experts, weights);
            if (FewRowsOf(x, gate.Weight, scores, addend: default, (RowView.AddressOf(norm), epsilon), normed, rstd) is { } product)
            {
                var work = new FewGate
                {
                    Product = product,
                    Bias = RowView.AddressOf(gate.Bias),
                    Experts = RowView.Of(experts),
                    Weights = RowView.Of(weights),
                    Rule = GateKernels.GateRule.Of(gate.Shape),
                };
                if (FewRowKernels.Takes(work))
                {
                    work.Counter = _counters.Take(sizeof(int));
                    _kernels.FewRows.Gate(Queue, work);
                    return;
                }
            }
        }

        IFusedOperations.NormChooseInTurn(this, x, norm, epsilon, normed, rstd, gate, scores, experts, weights);
    }

    /// <inheritdoc/>
    public bool TryFeedForward(Tensor x, ChosenExperts? chosen, FeedForwardWeights? shared, Tensor y, Tensor addend)
    {
        Checks.FeedForward(x, chosen, shared, y, addend);
        if (!IsFew(x) || y.Count == 0 || y.Type != x.Type || (!addend.IsAbsent && addend.Type != x.Type))
        {
            return false;
        }

        ChosenExperts choice = chosen ?? default;
        var work = new FewExperts
        {
            X = RowView.Of(x),
            Experts = RowView.Of(choice.Experts),
            Weights = RowView.Of(choice.Weights),
            Routed = FewWeightsOf(chosen?.Of),
            Shared = FewWeightsOf(shared),
            Addend = RowView.Of(addend),
            Y = RowView.Of(y),
            Rows = x.Rows,
            Choices = chosen is null ? 0 : choice.Experts.Columns,
            Depth = x.Columns,
            Outputs = y.Columns,
        };
        if (!FewRowKernels.Takes(work))
        {
            return false;
        }

        work.Activated = _scratch.Take(FewRowKernels.ScratchBytes(work));
        _kernels.FewRows.FeedForward(Queue, work);
        return true;
    }

    private static bool IsFew(Tensor x) => x.Type == ElementType.BFloat16 && x.Rows is > 0 and <= FewRowKernels.MostRows;

    /// <summary>Whether pairs can be rotated as one word.</summary>
    private static bool IsPaired(Tensor query, Tensor key, in LatentAppend append) => ((nuint)query.Pointer | (nuint)key.Pointer) % sizeof(int) == 0
        && (query.RowStride | key.RowStride | (query.Columns / append.Heads)) % 2 == 0;

    private FewExpertWeights FewWeightsOf(FeedForwardWeights? weights) => weights is not { } both ? default : new FewExpertWeights
    {
        GateUp = ((CudaWeight)both.GateUp).Rounded(Queue, _kernels.Rounding),
        Down = ((CudaWeight)both.Down).Rounded(Queue, _kernels.Rounding),
        Inner = both.Down.Inputs,
    };

    /// <summary>A product of few rows of bfloat16, of their norm where there is one; null where no kernel takes it.</summary>
    private FewProduct? FewRowsOf(Tensor x, Weight weight, Tensor y, Tensor addend, (nuint Weight, float Epsilon) norm = default, Tensor normed = default, Tensor rstd = default)
    {
        if (!IsFew(x) || y.Count == 0 || weight.Groups != 1 || (!addend.IsAbsent && addend.Type != ElementType.BFloat16))
        {
            return null;
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
        return FewRowKernels.Takes(product) ? product : null;
    }
}
