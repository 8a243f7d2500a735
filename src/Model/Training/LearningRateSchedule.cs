namespace Actors.Model.Training;

/// <summary>
/// Learning rate by step: linear from 0 over the warm-up, constant at the peak, a half cosine down to the floor, the floor, then other rates (DeepSeek-V3
/// technical report, section 4.2). The warm-up is counted in steps; the rest in steps, or in tokens where <see cref="Decay"/> says so.
/// </summary>
/// <param name="Peak">Rate after the warm-up.</param>
/// <param name="Floor">Rate at the end of the cosine.</param>
/// <param name="WarmUpSteps">Steps to reach the peak; 0: at once.</param>
/// <param name="ConstantSteps">Steps at the peak after the warm-up.</param>
/// <param name="CosineSteps">Steps from the peak to the floor.</param>
public sealed record LearningRateSchedule(double Peak, double Floor, int WarmUpSteps, int ConstantSteps, int CosineSteps)
{
    /// <summary>The tokens of the cosine, instead of <see cref="ConstantSteps"/> and <see cref="CosineSteps"/>; null: these count.</summary>
    public TokenRange? Decay { get; init; }

    /// <summary>Rates behind the floor, by the tokens that they begin at, ascending.</summary>
    public IReadOnlyList<LaterValue> Later { get; init; } = [];

    /// <summary>The same rate at every step.</summary>
    public static LearningRateSchedule Constant(double rate) => new(rate, rate, 0, 0, 0);

    /// <summary>Rate of a step.</summary>
    public double At(StepPosition at)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(at.Step, 1);
        if (at.Step <= WarmUpSteps)
        {
            return Peak * at.Step / WarmUpSteps;
        }

        for (int i = Later.Count - 1; i >= 0; i--)
        {
            if (at.TokensBefore >= Later[i].FromTokens)
            {
                return Later[i].Value;
            }
        }

        (long after, long length) = Decay is { } tokens
            ? (at.TokensBefore - tokens.First, tokens.End - tokens.First)
            : ((long)at.Step - WarmUpSteps - ConstantSteps, CosineSteps);
        if (after <= 0)
        {
            return Peak;
        }

        return after >= length ? Floor : Floor + (Peak - Floor) * 0.5 * (1 + Math.Cos(Math.PI * after / length));
    }
}
