using Actors.LoadTests.Reporting;
using Actors.Tensors;

namespace Actors.LoadTests.Gpu;

/// <summary>Kernels that pass over their rows once: each is checked against the host's arithmetic, rounded at the output, then timed.</summary>
internal sealed class KernelTrials(GpuBench bench, int rows, int columns, List<Figure> figures)
{
    /// <summary>Measures a copy, and then all kernels with rows of each type.</summary>
    public void Run()
    {
        var timer = new KernelTimer(bench, figures);
        timer.Copy();
        foreach (ElementType type in (ElementType[])[ElementType.Float32, ElementType.BFloat16])
        {
            new ElementwiseTrials(bench, timer, rows, columns, type).Run();
            new NormTrials(bench, timer, rows, columns, type).Run();
            new LossTrials(bench, timer, columns, type).Run();
        }

        new OptimizerTrials(bench, timer).Run();
    }
}
