using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Simd;

/// <summary>Embedding and cross entropy.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void Embed(Tensor ids, Tensor table, Tensor y)
    {
        ShapeChecks.Host.Embed(nameof(Embed), ids, table, y);
        long bytes = (long)table.Columns * sizeof(float);
        int* tokens = Ints(ids);
        float* tableRows = Floats(table);
        float* yRows = Floats(y);
        for (long row = 0; row < y.Rows; row++)
        {
            Buffer.MemoryCopy(
                tableRows + (long)tokens[row] * table.RowStride, yRows + row * y.RowStride, bytes, bytes);
        }
    }

    /// <inheritdoc/>
    public void EmbedBackward(Tensor ids, Tensor dy, Tensor dTable)
    {
        ShapeChecks.Host.Embed(nameof(EmbedBackward), ids, dTable, dy);
        int* tokens = Ints(ids);
        float* dyRows = Floats(dy);
        float* dTableRows = Floats(dTable);
        for (long row = 0; row < dy.Rows; row++)
        {
            Lanes.Add(dyRows + row * dy.RowStride, dTableRows + (long)tokens[row] * dTable.RowStride, dy.Columns);
        }
    }

    /// <inheritdoc/>
    public void CrossEntropy(Tensor logits, Tensor targets, float scale, Tensor losses, Tensor dLogits)
    {
        ShapeChecks.Host.CrossEntropy(logits, targets, losses, dLogits);
        int* target = Ints(targets);
        float* dLogitsRows = Floats(dLogits);
        float* lossesRows = Floats(losses);
        float* logitsRows = Floats(logits);
        for (long row = 0; row < logits.Rows; row++)
        {
            float* gradient = dLogits.IsAbsent ? null : dLogitsRows + row * dLogits.RowStride;
            if (target[row] >= 0)
            {
                lossesRows[row] = SoftmaxKernel.CrossEntropy(
                    logitsRows + row * logits.RowStride, logits.Columns, target[row], scale, gradient);
                continue;
            }

            lossesRows[row] = 0;
            if (gradient is not null)
            {
                new Span<float>(gradient, dLogits.Columns).Clear();
            }
        }
    }
}
