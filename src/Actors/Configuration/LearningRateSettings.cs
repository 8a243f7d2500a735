using Actors.Model.Training;

namespace Actors.Runtime.Configuration;

/// <summary>
/// <c>actors.training.learning-rate</c>: linear warm-up, constant, cosine decay, floor (DeepSeek-V3 report, section 4.2).
/// </summary>
/// <param name="Peak">Highest rate.</param>
/// <param name="WarmupSteps">Steps of linear warm-up.</param>
/// <param name="ConstantUntilStep">Step up to which the rate stays at the peak.</param>
/// <param name="DecayUntilStep">Step at which the rate reaches the floor.</param>
/// <param name="Floor">Lowest rate after the warm-up.</param>
public sealed record LearningRateSettings(double Peak, int WarmupSteps, int ConstantUntilStep, int DecayUntilStep, double Floor)
{
    private const string Section = "actors.training.learning-rate";

    /// <summary>The same curve as the optimizer takes it: with the lengths of its parts.</summary>
    public LearningRateSchedule Schedule => new(
        Peak, Floor, WarmupSteps, Math.Max(0, ConstantUntilStep - WarmupSteps), Math.Max(0, DecayUntilStep - ConstantUntilStep));

    /// <summary>The rate of a step, counted from 1.</summary>
    public double At(int step) => Schedule.At(step);

    internal static LearningRateSettings Read(SettingsReader reader, int steps)
    {
        double peak = reader.Double($"{Section}.peak", 0, aboveLeast: true);
        int warmup = reader.Int($"{Section}.warmup-steps", least: 0);
        int constant = reader.OptionalInt($"{Section}.constant-until-step", least: warmup) ?? warmup;
        int decay = reader.OptionalInt($"{Section}.decay-until-step", least: constant) ?? Math.Max(constant, steps);
        return new LearningRateSettings(peak, warmup, constant, decay, reader.Double($"{Section}.floor", 0, peak));
    }
}
