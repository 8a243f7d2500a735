namespace Actors.Model.Training;

/// <summary>An exponential moving average of the parameters (DeepSeek-V3 technical report, section 3.2.3).</summary>
/// <param name="Decay">What a step leaves of the average, above 0 and below 1.</param>
/// <param name="EverySteps">Steps from one value that is averaged to the next.</param>
public sealed record AverageOptions(double Decay, int EverySteps)
{
    /// <summary>What is left of the average where a value is added.</summary>
    public float Keep => (float)Math.Pow(Decay, EverySteps);

    /// <summary>Whether the values after a step are averaged.</summary>
    public bool IsDue(int step) => step % EverySteps == 0;
}
