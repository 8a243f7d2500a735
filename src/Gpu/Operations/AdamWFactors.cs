using System.Runtime.InteropServices;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>The factors of one AdamW step, computed in float64. Mirrors <c>adamw_factors</c> of adamw.cu.</summary>
/// <param name="GradientScale">Factor of the gradient.</param>
/// <param name="Keep">What the decay leaves of a value.</param>
/// <param name="FirstRate">1 − beta1.</param>
/// <param name="SecondDecay">beta2.</param>
/// <param name="SecondRate">1 − beta2.</param>
/// <param name="SecondRoot">√(1 − beta2^step), the divisor of the second moment's root.</param>
/// <param name="Epsilon">Added to it.</param>
/// <param name="StepSize">Learning rate by 1 − beta1^step.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AdamWFactors(
    float GradientScale, float Keep, float FirstRate, float SecondDecay, float SecondRate, float SecondRoot, float Epsilon, float StepSize)
{
    /// <summary>The factors of a step.</summary>
    public static AdamWFactors Of(AdamWStep step) => new(
        step.GradientScale, (float)(1 - ((double)step.LearningRate * step.WeightDecay)), (float)(1 - (double)step.Beta1), step.Beta2,
        (float)(1 - (double)step.Beta2), (float)Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)), step.Epsilon,
        (float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step))));
}
