using Actors.Cpu;
using Actors.Cpu.Scalar;
using Actors.Tensors;

namespace Actors.LoadTests.Kernels;

/// <summary>One operation with its inputs made, and the tensor that it writes.</summary>
internal sealed record Trial(Action Run, Tensor Output)
{
    /// <summary>
    /// Relative L2 distance of the output from the scalar backend's, which sums in float64. <paramref name="make"/> is called
    /// once for each backend and gets the same inputs.
    /// </summary>
    public static double Error(Func<Workbench, Trial> make)
    {
        using var vector = new Cpu.CpuBackend();
        using var scalar = new ScalarBackend();
        using Workbench found = new(vector), expected = new(scalar);
        Trial a = make(found), b = make(expected);
        a.Run();
        b.Run();
        return a.Output.Type == ElementType.Float64
            ? Math.Abs(a.Output.AsSpan<double>()[0] - b.Output.AsSpan<double>()[0]) / b.Output.AsSpan<double>()[0]
            : Distance(b.Output.AsSpan<float>(), a.Output.AsSpan<float>());
    }

    private static double Distance(ReadOnlySpan<float> expected, ReadOnlySpan<float> found)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += ((double)found[i] - expected[i]) * ((double)found[i] - expected[i]);
            norm += (double)expected[i] * expected[i];
        }

        return Math.Sqrt(difference / norm);
    }
}
