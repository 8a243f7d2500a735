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
        Assert.Equal(rate, Schedule.At(step), 1e-12);

    [Fact]
    public void Without_warm_up_the_first_step_has_the_peak() => Assert.Equal(3, LearningRateSchedule.Constant(3).At(1));

    [Fact]
    public void Steps_count_from_one() => Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.At(0));
}
