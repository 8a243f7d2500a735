using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Simd;

/// <summary>Gate and row permutation.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights)
    {
        ShapeChecks.Host.ChooseExperts(logits, bias, shape, scores, experts, weights);
        float* scratch = Reserve(Math.Max(shape.GroupsKept, shape.ExpertsKept) + shape.GroupsKept);
        float* scoresRows = Floats(scores);
        float* logitsRows = Floats(logits);
        float* biasRows = Floats(bias);
        float* weightsRows = Floats(weights);
        int* expertsRows = Ints(experts);
        for (long row = 0; row < logits.Rows; row++)
        {
            float* rowScores = scoresRows + row * scores.RowStride;
            bool isFinite = GateKernel.Scores(logitsRows + row * logits.RowStride, biasRows, rowScores, logits.Columns);
            GateKernel.Choose(
                rowScores, biasRows, logits.Columns, shape, expertsRows + row * experts.RowStride,
                weightsRows + row * weights.RowStride, scratch);
            if (!isFinite)
            {
                new Span<float>(weightsRows + row * weights.RowStride, shape.ExpertsKept).Fill(float.NaN);
            }
        }
    }

    /// <inheritdoc/>
    public void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits)
    {
        ShapeChecks.Host.ChooseExpertsBackward(dWeights, experts, scores, shape, dLogits);
        float* dWeightsRows = Floats(dWeights);
        float* scoresRows = Floats(scores);
        float* dLogitsRows = Floats(dLogits);
        int* expertsRows = Ints(experts);
        for (long row = 0; row < scores.Rows; row++)
        {
            GateKernel.Backward(
                dWeightsRows + row * dWeights.RowStride, expertsRows + row * experts.RowStride,
                scoresRows + row * scores.RowStride, scores.Columns, shape, dLogitsRows + row * dLogits.RowStride);
        }
    }

    /// <inheritdoc/>
    public void DropChoices(Tensor kept, Tensor experts, Tensor weights)
    {
        ShapeChecks.Host.DropChoices(kept, experts, weights);
        int* keeps = Ints(kept);
        for (long row = 0; row < experts.Rows; row++)
        {
            if (keeps[row] < 0)
            {
                new Span<int>(Ints(experts) + row * experts.RowStride, experts.Columns).Fill(-1);
                new Span<float>(Floats(weights) + row * weights.RowStride, weights.Columns).Clear();
            }
        }
    }

    /// <inheritdoc/>
    public void SortByExpert(Tensor experts, ExpertOrder order, Tensor live = default, Tensor needed = default)
    {
        ShapeChecks.Host.SortByExpert(experts, order, live, needed);
        int local = order.Offsets.Columns - 1;
        SortKernel.Sort(
            Ints(experts), experts.RowStride, LiveRows.OnHost(live, experts.Rows), experts.Rows, experts.Columns, local, order.Sources.Columns, Ints(order.Offsets),
            Ints(order.Sources), Ints(order.Slots), Ints(order.RowOfSlot), Ints(order.SumRows), Ints(order.SumSlots), Ints(needed), (int*)Reserve(local + experts.Rows));
    }

    /// <inheritdoc/>
    public void CountExperts(Tensor experts, Tensor counts)
    {
        ShapeChecks.Host.CountExperts(experts, counts);
        int* to = Ints(counts);
        for (long row = 0; row < experts.Rows; row++)
        {
            int* chosen = Ints(experts) + row * experts.RowStride;
            for (int k = 0; k < experts.Columns; k++)
            {
                if (chosen[k] >= 0)
                {
                    to[chosen[k]]++;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor x, Tensor rows, Tensor y, Tensor live = default)
    {
        ShapeChecks.Host.GatherRows(x, rows, y, live);
        int* from = Ints(rows);
        int count = LiveRows.OnHost(live, y.Rows);
        nint bytes = (nint)x.Columns * x.Type.SizeInBytes();
        nint fromStride = (nint)x.RowStride * x.Type.SizeInBytes(), toStride = (nint)y.RowStride * y.Type.SizeInBytes();
        if (bytes == sizeof(float))
        {
            GatherKernel.Elements((byte*)x.Pointer, fromStride, from, count, (byte*)y.Pointer, toStride);
        }
        else
        {
            GatherKernel.Rows((byte*)x.Pointer, fromStride, from, count, bytes, (byte*)y.Pointer, toStride);
        }
    }

    /// <inheritdoc/>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y, Tensor live = default)
    {
        ShapeChecks.Host.SumRows(x, rows, weights, y, live);
        bool half = x.Type == ElementType.BFloat16;
        float* weightsRows = Floats(weights);
        float* xRows = Floats(x);
        float* yRows = Floats(y);
        int* rowNumbers = Ints(rows);
        int tokens = LiveRows.OnHost(live, y.Rows);
        for (long row = 0; row < tokens; row++)
        {
            int* from = rowNumbers + row * rows.RowStride;
            float* factors = weights.IsAbsent ? null : weightsRows + row * weights.RowStride;
            if (half)
            {
                RowSumKernel.Sum(
                    (ushort*)xRows, x.RowStride, from, factors, rows.Columns, (ushort*)yRows + row * y.RowStride, y.Columns);
            }
            else
            {
                RowSumKernel.Sum(xRows, x.RowStride, from, factors, rows.Columns, yRows + row * y.RowStride, y.Columns);
            }
        }
    }
}
