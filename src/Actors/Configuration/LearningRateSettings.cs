using Actors.Model.Training;

namespace Actors.Runtime.Configuration;

/// <summary>
/// <c>actors.training.learning-rate</c>: linear warm-up, constant, cosine decay, floor, later rates (DeepSeek-V3 report, section 4.2).
/// </summary>
/// <param name="Peak">Highest rate.</param>
/// <param name="WarmupSteps">Steps of linear warm-up.</param>
/// <param name="ConstantUntilStep">Step up to which the rate stays at the peak.</param>
/// <param name="DecayUntilStep">Step at which the rate reaches the floor.</param>
/// <param name="Floor">Lowest rate between the warm-up and the later rates.</param>
public sealed record LearningRateSettings(double Peak, int WarmupSteps, int ConstantUntilStep, int DecayUntilStep, double Floor)
{
    private const string Section = "actors.training.learning-rate";
    private const string ConstantStep = $"{Section}.constant-until-step", ConstantTokens = $"{Section}.constant-until-tokens";
    private const string DecayStep = $"{Section}.decay-until-step", DecayTokens = $"{Section}.decay-until-tokens";
    private const string LaterTokens = $"{Section}.later-from-tokens", LaterRates = $"{Section}.later-rates";

    /// <summary>The tokens of the decay, where it is counted in tokens; null: <see cref="ConstantUntilStep"/> and <see cref="DecayUntilStep"/> count.</summary>
    public TokenRange? Decay { get; private init; }

    /// <summary>Rates behind the floor, by the tokens that they begin at, ascending.</summary>
    public IReadOnlyList<LaterValue> Later { get; private init; } = [];

    /// <summary>The same curve as the optimizer takes it: with the lengths of its parts.</summary>
    public LearningRateSchedule Schedule => new(
        Peak, Floor, WarmupSteps, Math.Max(0, ConstantUntilStep - WarmupSteps), Math.Max(0, DecayUntilStep - ConstantUntilStep))
    {
        Decay = Decay,
        Later = Later,
    };

    internal static LearningRateSettings Read(SettingsReader reader, int steps, BatchSchedule batches)
    {
        double peak = reader.Double($"{Section}.peak", 0, aboveLeast: true);
        int warmup = reader.Int($"{Section}.warmup-steps", least: 0);
        int? constantStep = reader.OptionalInt(ConstantStep, least: warmup);
        long? constantTokens = reader.OptionalLong(ConstantTokens, least: 0);
        int constant = constantStep ?? warmup;
        int? decayStep = reader.OptionalInt(DecayStep, least: constant);
        long? decayTokens = reader.OptionalLong(DecayTokens, least: 0);
        RefuseBoth(reader, (ConstantTokens, constantTokens is not null), (ConstantStep, constantStep is not null));
        RefuseBoth(reader, (ConstantTokens, constantTokens is not null), (DecayStep, decayStep is not null));
        RefuseBoth(reader, (DecayTokens, decayTokens is not null), (DecayStep, decayStep is not null));
        RefuseBoth(reader, (DecayTokens, decayTokens is not null), (ConstantStep, constantStep is not null));
        bool isInTokens = constantTokens is not null || decayTokens is not null;
        TokenRange? range = isInTokens ? RangeOf(reader, constantTokens, decayTokens, (warmup, steps), batches) : null;
        return new LearningRateSettings(peak, warmup, constant, decayStep ?? Math.Max(constant, steps), reader.Double($"{Section}.floor", 0, peak))
        {
            Decay = range,
            Later = ReadLater(reader, range?.End ?? batches.PositionOf(Math.Max(1, decayStep ?? 1)).TokensBefore),
        };
    }

    /// <summary>Boundaries are counted in steps or in tokens, and those of one decay alike.</summary>
    private static void RefuseBoth(SettingsReader reader, (string Key, bool IsSet) tokens, (string Key, bool IsSet) step)
    {
        if (tokens.IsSet && step.IsSet)
        {
            throw reader.Broken(tokens.Key, $"{step.Key} is set too, and the decay is counted in steps or in tokens; leave one of them null");
        }
    }

    private static TokenRange RangeOf(SettingsReader reader, long? constant, long? decay, (int Warmup, int All) steps, BatchSchedule batches)
    {
        long warm = batches.PositionOf(steps.Warmup + 1).TokensBefore;
        long first = constant ?? warm, end = decay ?? Math.Max(first, batches.PositionOf(steps.All).TokensBefore);
        if (first < warm)
        {
            throw reader.Broken(ConstantTokens, $"{first} tokens are fewer than the {warm} of the {steps.Warmup} steps of warm-up; use {warm} or more");
        }

        return first <= end ? new TokenRange(first, end)
            : throw reader.Broken(DecayTokens, $"{end} tokens are fewer than the {first} up to which the rate is constant; use {first} or more");
    }

    private static LaterValue[] ReadLater(SettingsReader reader, long least)
    {
        IReadOnlyList<long> from = reader.WholeNumbers(LaterTokens, least: 0);
        IReadOnlyList<double> rates = reader.Numbers(LaterRates, least: 0);
        if (from.Count != rates.Count)
        {
            throw reader.Broken(LaterRates, $"{rates.Count} rates for {from.Count} numbers of {LaterTokens}; name one rate for each");
        }

        for (int i = 0; i < from.Count; i++)
        {
            if (from[i] < least)
            {
                throw reader.Broken(LaterTokens, $"{from[i]} comes before {least}: later rates begin behind the decay, in ascending order");
            }

            least = from[i] + 1;
        }

        return [.. from.Zip(rates, (tokens, rate) => new LaterValue(tokens, rate))];
    }
}
