using Actors.Cpu;
using Actors.Model.Training;
using Actors.Tensors;

namespace Actors.Model.Tests.Training;

public sealed class CorrectionBiasTests
{
    [Fact]
    public void Rises_below_the_mean_load_falls_above_and_rests_at_it() =>
        Assert.Equal([1.5f, 0.5f, 1, 1], Updated([1, 1, 1, 1], [3, 5, 4, 4], 0.5));

    [Fact]
    public void A_mean_that_is_no_whole_number_is_compared_exactly() =>
        Assert.Equal([-1f, 1, 1], Updated([0, 0, 0], [1, 0, 0], 1));

    [Fact]
    public void Loads_of_another_layer_are_refused() =>
        Assert.Throws<ArgumentException>(() => Updated([0, 0], [1, 2, 3], 1));

    private static float[] Updated(float[] values, long[] loads, double speed)
    {
        using var backend = new CpuBackend();
        using IStream stream = backend.CreateStream("stream");
        using var arena = new Arena(backend, Arena.Plan(1, values.Length));
        using var biases = new CorrectionBias(backend, values.Length);
        Tensor bias = arena.Take(1, values.Length);
        values.CopyTo(bias.AsSpan<float>());
        biases.Update(stream, bias, loads, speed);
        return bias.AsSpan<float>().ToArray();
    }
}
