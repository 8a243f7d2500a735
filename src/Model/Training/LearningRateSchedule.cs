namespace Actors.Model.Training;

/// <summary>
/// Learning rate by step: linear from 0 over the warm-up, constant at the peak, a half cosine down to the floor, then the
/// floor (DeepSeek-V3 technical report, section 4.2).
/// </summary>
/// <param name="Peak">Rate after the warm-up.</param>
/// <param name="Floor">Rate at the end.</param>
/// <param name="WarmUpSteps">Steps to reach the peak; 0: at once.</param>
/// <param name="ConstantSteps">Steps at the peak after the warm-up.</param>
/// <param name="CosineSteps">Steps from the peak to the floor.</param>
public sealed record LearningRateSchedule(double Peak, double Floor, int WarmUpSteps, int ConstantSteps, int CosineSteps)
{
    /// <summary>The same rate at every step.</summary>
    public static LearningRateSchedule Constant(double rate) => new(rate, rate, 0, 0, 0);

    /// <summary>Rate of step <paramref name="step"/>, from 1.</summary>
    public double At(int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        if (step <= WarmUpSteps)
        {
            return Peak * step / WarmUpSteps;
        }

        long after = (long)step - WarmUpSteps - ConstantSteps;
        if (after <= 0)
        {
            return Peak;
        }

        return after >= CosineSteps ? Floor : Floor + (Peak - Floor) * 0.5 * (1 + Math.Cos(Math.PI * after / CosineSteps));
    }
}
