using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Training;

namespace Actors.Model.Tests.Training;

public sealed class GradientNormTests
{
    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(4, 0.24999993750001562)]
    public void Only_larger_norms_are_clipped(double norm, double coefficient) =>
        Assert.Equal(coefficient, GradientNorm.ClipCoefficient(norm, 1), 1e-15);

    [Fact]
    public void All_blocks_count_and_padding_does_not()
    {
        using var model = new TinyModel(new CpuBackend(), 2, 1);
        using var gradients = new GradientSet(model.Backend, model.Weights.Blocks);
        gradients.Clear(model.Stream);
        long elements = 0;
        foreach (ParameterBlock block in gradients.Blocks)
        {
            gradients[block].AsSpan<float>().Fill(0.5f);
            elements += block.Values.Count;
        }

        using var norm = new GradientNorm(model.Backend, gradients.Blocks);
        norm.Enqueue(model.Stream, gradients);
        Assert.Equal(Math.Sqrt(elements * 0.25), norm.Total(), 1e-9);
        double all = gradients.All.AsSpan<float>().ToArray().Sum(value => (double)value * value);
        Assert.Equal(elements * 0.25, all, 1e-9);
    }
}
