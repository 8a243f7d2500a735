using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd;

/// <summary>Gate and row permutation.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights)
    {
        ShapeChecks.ChooseExperts(logits, bias, shape, scores, experts, weights);
        float* scratch = _scratch.Reserve(Math.Max(shape.GroupsKept, shape.ExpertsKept) + shape.GroupsKept);
        for (long row = 0; row < logits.Rows; row++)
        {
            float* rowScores = Floats(scores) + row * scores.RowStride;
            GateKernel.Scores(Floats(logits) + row * logits.RowStride, rowScores, logits.Columns);
            GateKernel.Choose(
                rowScores, Floats(bias), logits.Columns, shape, Ints(experts) + row * experts.RowStride,
                Floats(weights) + row * weights.RowStride, scratch);
        }
    }

    /// <inheritdoc/>
    public void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits)
    {
        ShapeChecks.ChooseExpertsBackward(dWeights, experts, scores, shape, dLogits);
        for (long row = 0; row < scores.Rows; row++)
        {
            GateKernel.Backward(
                Floats(dWeights) + row * dWeights.RowStride, Ints(experts) + row * experts.RowStride,
                Floats(scores) + row * scores.RowStride, scores.Columns, shape, Floats(dLogits) + row * dLogits.RowStride);
        }
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor x, Tensor rows, Tensor y)
    {
        ShapeChecks.GatherRows(x, rows, y);
        int size = x.Type.SizeInBytes();
        long bytes = (long)x.Columns * size;
        int* from = Ints(rows);
        for (long row = 0; row < y.Rows; row++)
        {
            byte* to = (byte*)y.Pointer + (row * y.RowStride * size);
            if (from[row] < 0)
            {
                new Span<byte>(to, (int)bytes).Clear();
            }
            else
            {
                Buffer.MemoryCopy((byte*)x.Pointer + ((long)from[row] * x.RowStride * size), to, bytes, bytes);
            }
        }
    }

    /// <inheritdoc/>
    public void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y)
    {
        ShapeChecks.SumRows(x, rows, weights, y);
        bool half = x.Type == ElementType.BFloat16;
        for (long row = 0; row < y.Rows; row++)
        {
            int* from = Ints(rows) + row * rows.RowStride;
            float* factors = weights.IsAbsent ? null : Floats(weights) + row * weights.RowStride;
            if (half)
            {
                RowSumKernel.Sum((ushort*)x.Pointer, x.RowStride, from, factors, rows.Columns, (ushort*)y.Pointer + row * y.RowStride, y.Columns);
            }
            else
            {
                RowSumKernel.Sum(Floats(x), x.RowStride, from, factors, rows.Columns, Floats(y) + row * y.RowStride, y.Columns);
            }
        }
    }
}
