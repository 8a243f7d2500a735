namespace Actors.Model.Serial;

/// <summary>A training step's loss is not a number or infinite: training must stop before the values are changed.</summary>
public sealed class NonFiniteLossException : Exception
{
    /// <summary>Reports the step.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="loss">What was computed.</param>
    public NonFiniteLossException(int step, double loss)
        : base($"The loss of step {step} is {loss}: lower the learning rate or resume from an earlier checkpoint.")
    {
        Step = step;
    }

    /// <summary>Number of the step, from 1.</summary>
    public int Step { get; }
}
