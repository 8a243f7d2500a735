using Actors.Tensors;

namespace Actors.Cpu.Simd;

/// <summary>Embedding and cross entropy.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void Embed(Tensor ids, Tensor table, Tensor y)
    {
        ShapeChecks.Embed(nameof(Embed), ids, table, y);
        long bytes = (long)table.Columns * sizeof(float);
        int* tokens = Ints(ids);
        for (long row = 0; row < y.Rows; row++)
        {
            Buffer.MemoryCopy(
                Floats(table) + (long)tokens[row] * table.RowStride, Floats(y) + row * y.RowStride, bytes, bytes);
        }
    }

    /// <inheritdoc/>
    public void EmbedBackward(Tensor ids, Tensor dy, Tensor dTable)
    {
        ShapeChecks.Embed(nameof(EmbedBackward), ids, dTable, dy);
        int* tokens = Ints(ids);
        for (long row = 0; row < dy.Rows; row++)
        {
            Lanes.Add(Floats(dy) + row * dy.RowStride, Floats(dTable) + (long)tokens[row] * dTable.RowStride, dy.Columns);
        }
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, float scale, Tensor losses, Tensor dLogits)
    {
        ShapeChecks.CrossEntropy(logits, targets, losses, dLogits);
        int* target = Ints(targets);
        for (long row = 0; row < logits.Rows; row++)
        {
            float* gradient = dLogits.IsAbsent ? null : Floats(dLogits) + row * dLogits.RowStride;
            if (target[row] >= 0)
            {
                Floats(losses)[row] = SoftmaxKernel.CrossEntropy(
                    Floats(logits) + row * logits.RowStride, logits.Columns, target[row], scale, gradient);
                continue;
            }

            Floats(losses)[row] = 0;
            if (gradient is not null)
            {
                new Span<float>(gradient, dLogits.Columns).Clear();
            }
        }
    }
}
