namespace Actors.Oracle;

/// <summary>The norm of a training step's gradients is not a number or infinite: training must stop before the values are changed.</summary>
/// <param name="step">Number of the step, from 1.</param>
/// <param name="norm">What was computed.</param>
/// <param name="block">The first block of the model whose gradient has such a value.</param>
public sealed class NonFiniteGradientException(int step, double norm, string block)
    : Exception($"step {step}: the norm of the gradients is {norm}, first seen in that of {block}: lower the learning rate, or look at the data");
