using Actors.Tensors;

namespace Actors.LoadTests.Gpu;

/// <summary>Kernels that pass over their rows once: each is checked against the host's arithmetic, rounded at the output, then timed.</summary>
internal sealed class KernelTrials(GpuBench bench, KernelTimer timer, int rows, int columns)
{
    /// <summary>Measures all kernels with rows of each type.</summary>
    public void Run()
    {
        foreach (ElementType type in (ElementType[])[ElementType.Float32, ElementType.BFloat16])
        {
            new ElementwiseTrials(bench, timer, rows, columns, type).Run();
            new NormTrials(bench, timer, rows, columns, type).Run();
            new LossTrials(bench, timer, columns, type).Run();
        }

        new OptimizerTrials(bench, timer).Run();
    }
}
