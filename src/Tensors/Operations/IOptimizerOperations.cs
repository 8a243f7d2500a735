namespace Actors.Tensors.Operations;

/// <summary>The numbers of one AdamW step (Loshchilov and Hutter 2019), in PyTorch's order of operations.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay: the value is first multiplied by 1 − LearningRate · WeightDecay.</param>
/// <param name="Step">Number of this step, from 1, for the bias corrections.</param>
/// <param name="GradientScale">Factor of the gradient: the clipping coefficient.</param>
public readonly record struct AdamWStep(
    float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, int Step, float GradientScale);

/// <summary>What ends a training step, float32. Moments may be bfloat16, both: they are widened, and rounded to nearest even where they are stored; the update takes them before.</summary>
public interface IOptimizerOperations
{
    /// <summary>Writes Σ x², summed in float64 in an order that depends on the count alone, to <paramref name="sum"/>.</summary>
    /// <param name="x">Any contiguous tensor.</param>
    /// <param name="sum">Output Float64 (1, 1).</param>
    void SumOfSquares(Tensor x, Tensor sum);

    /// <summary>Updates values and both moments in place.</summary>
    /// <param name="values">Contiguous.</param>
    /// <param name="gradient">Same count.</param>
    /// <param name="firstMoment">Same count, updated.</param>
    /// <param name="secondMoment">Same count, updated.</param>
    /// <param name="step">The numbers of the step.</param>
    void AdamW(Tensor values, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step);

    /// <summary>Updates a weight's values and both moments in place, and what the backend derives from the values: no <see cref="ILinearOperations.Prepare"/> follows.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="gradient">As many elements as its values.</param>
    /// <param name="firstMoment">Same count, updated.</param>
    /// <param name="secondMoment">Same count, updated.</param>
    /// <param name="step">The numbers of the step.</param>
    void AdamW(Weight weight, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step);
}
