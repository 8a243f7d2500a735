using Actors.Model.Training;

namespace Actors.Model.Tests.Training;

public sealed class LearningRateScheduleTests
{
    private static readonly LearningRateSchedule Schedule = new(Peak: 8, Floor: 2, WarmUpSteps: 4, ConstantSteps: 3, CosineSteps: 6);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 8)]
    [InlineData(7, 8)]
    [InlineData(10, 5)]
    [InlineData(13, 2)]
    [InlineData(1000, 2)]
    public void Warms_up_stays_falls_by_half_a_cosine_and_rests_at_the_floor(int step, double rate) =>
        Assert.Equal(rate, Schedule.At(new StepPosition(step, 0)), 1e-12);

    /// <summary>DeepSeek-V3's: constant to 10T tokens, half way down at 12.15T, the floor at 14.3T, then another rate.</summary>
    [Theory]
    [InlineData(1000, 0, 1.1e-4)]
    [InlineData(2000, 25_000_000_000, 2.2e-4)]
    [InlineData(2001, 10_000_000_000_000, 2.2e-4)]
    [InlineData(2001, 12_150_000_000_000, 1.21e-4)]
    [InlineData(2001, 14_300_000_000_000, 2.2e-5)]
    [InlineData(2001, 14_632_999_999_999, 2.2e-5)]
    [InlineData(2001, 14_633_000_000_000, 7.3e-6)]
    [InlineData(int.MaxValue, long.MaxValue, 7.3e-6)]
    public void The_published_schedule_goes_by_the_tokens_before_a_step(int step, long tokens, double rate)
    {
        var schedule = new LearningRateSchedule(2.2e-4, 2.2e-5, 2000, 0, 0)
        {
            Decay = new TokenRange(10_000_000_000_000, 14_300_000_000_000),
            Later = [new LaterValue(14_633_000_000_000, 7.3e-6)],
        };

        Assert.Equal(rate, schedule.At(new StepPosition(step, tokens)), 1e-15);
    }

    [Fact]
    public void Weights_change_at_their_token()
    {
        OptimizerOptions options = TestOptimizer.At(1) with
        {
            BiasUpdateSpeed = 0.001,
            LaterBiasUpdateSpeed = new LaterValue(100, 0),
            PredictionWeight = 0.3,
            LaterPredictionWeight = new LaterValue(50, 0.1),
        };

        Assert.Equal((0.001, 0.3), At(49));
        Assert.Equal((0.001, 0.1), At(50));
        Assert.Equal((0.0, 0.1), At(100));

        (double Speed, double Weight) At(long tokens)
        {
            var at = new StepPosition(9, tokens);
            return (options.BiasUpdateSpeedAt(at), options.PredictionWeightAt(at));
        }
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_peak() => Assert.Equal(3, LearningRateSchedule.Constant(3).At(new StepPosition(1, 0)));

    [Fact]
    public void Steps_count_from_one() => Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.At(new StepPosition(0, 0)));
}
