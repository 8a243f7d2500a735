namespace Actors.Oracle;

/// <summary>A training step's loss is not a number or infinite: training must stop before the values are changed.</summary>
public sealed class NonFiniteLossException : Exception
{
    /// <summary>Reports the step.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="loss">What was computed.</param>
    /// <param name="part">The first part of the model whose output has such a value, such as <c>layer 3</c>.</param>
    public NonFiniteLossException(int step, double loss, string part)
        : base($"step {step}: the loss is {loss}, first seen in the output of {part}: lower the learning rate, or look at the data")
    {
        Step = step;
        Part = part;
    }

    /// <summary>The first part of the model whose output has such a value.</summary>
    public string Part { get; }

    /// <summary>Number of the step, from 1.</summary>
    public int Step { get; }
}
