using Actors.Gpu.Operations;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Tests.Operations;

/// <summary>What the kernel of AdamW gets of a step.</summary>
public sealed class AdamWFactorsTests
{
    [Fact]
    public void The_corrections_of_both_moments_are_in_the_step_size_and_the_root()
    {
        var factors = AdamWFactors.Of(new AdamWStep(0.5f, 0.5f, 0.75f, 1e-8f, 0.25f, Step: 2, GradientScale: 3));

        Assert.Equal(new AdamWFactors(3, 0.875f, 0.5f, 0.75f, 0.25f, MathF.Sqrt(0.4375f), 1e-8f, 0.5f / 0.75f), factors);
    }
}
