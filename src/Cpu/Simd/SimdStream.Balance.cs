using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Simd;

/// <summary>The balance loss of a gate.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void BalanceLoss(Tensor scores, Tensor experts, Tensor sequences, float scale, Tensor losses, Tensor dLogits)
    {
        ShapeChecks.Host.BalanceLoss(scores, experts, sequences, losses, dLogits);
        int columns = scores.Columns, wanted = experts.Columns;
        float* counts = Reserve(columns + (2 * wanted));
        float* best = counts + columns;
        float* scoresRows = Floats(scores);
        float* dLogitsRows = Floats(dLogits);
        int* expertsRows = Ints(experts);
        int* starts = Ints(sequences);
        for (int sequence = 0; sequence < losses.Columns; sequence++)
        {
            new Span<float>(counts, columns).Clear();
            int kept = 0;
            for (long row = starts[sequence]; row < starts[sequence + 1]; row++)
            {
                if (expertsRows[row * experts.RowStride] >= 0)
                {
                    kept++;
                    GateKernel.CountLargest(scoresRows + row * scores.RowStride, columns, wanted, best, (int*)(best + wanted), counts);
                }
            }

            // f_i / T = unit · c_i.
            float unit = kept == 0 ? 0 : (float)((double)columns / wanted / kept / kept);
            double loss = 0;
            for (long row = starts[sequence]; row < starts[sequence + 1]; row++)
            {
                if (expertsRows[row * experts.RowStride] >= 0)
                {
                    loss += GateKernel.AddBalance(
                        scoresRows + row * scores.RowStride, counts, columns, unit * scale, dLogitsRows + row * dLogits.RowStride);
                }
            }

            Floats(losses)[sequence] = (float)(unit * loss);
        }
    }
}
