using Actors.Schedules.Comparison;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Tests.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Comparison;

public class ScheduleChoiceTests
{
    private static readonly ComparisonRequest Request = new(16, 128);

    [Fact]
    public void The_fastest_schedule_that_fits_is_taken_and_the_next_is_named()
    {
        var choice = ScheduleChoice.Of(Request, new ScheduleLimits { Memory = 16.5, Parameters = 1 });

        Assert.Equal(["interleaved-zero-bubble", "zbv", "zb1p"], choice.Fitting.Take(3).Select(schedule => schedule.Name));
        Assert.Equal(("interleaved-zero-bubble", "zbv"), (choice.Best?.Name, choice.RunnerUp?.Name));
        Assert.Null(choice.Mend);
    }

    [Fact]
    public void Every_other_schedule_is_rejected_for_what_it_lacks()
    {
        var choice = ScheduleChoice.Of(new ComparisonRequest(16, 120), new ScheduleLimits { Memory = 16.5, Parameters = 1 });

        Assert.Equal("activations 120 on a rank, above 16.5", LackOf(choice, "gpipe"));
        Assert.Equal("activations 17 on a rank, above 16.5", LackOf(choice, "dualpipe"));
        Assert.Equal("chimera needs at most 16 micro-batches at 16 ranks or a multiple of 16, not 120: use 112 or 128", LackOf(choice, "chimera"));
        Assert.Equal("parameters 2 on a rank, above 1", LackOf(ScheduleChoice.Of(Request, new ScheduleLimits { Parameters = 1 }), "dualpipe"));
    }

    [Fact]
    public void Little_memory_is_for_what_is_made_for_it()
    {
        var choice = ScheduleChoice.Of(Request, new ScheduleLimits { Memory = 10 });

        Assert.Equal("zb-search<=10", choice.Best?.Label);
        Assert.Equal(10, choice.Best?.Figures?.PeakActivations);
        Assert.Null(choice.RunnerUp);
    }

    [Theory]
    [InlineData(0.5, 1, "zb-search would with memory 1")]
    [InlineData(5, 0.5, "zb-search would with parameters 1")]
    [InlineData(0.5, 0.5, "zb-search would with memory 1 and parameters 1")]
    [InlineData(8, 0.5, "1f1b would with parameters 1")]
    public void Where_none_fits_the_nearest_limit_is_named(double memory, double parameters, string mend)
    {
        var choice = ScheduleChoice.Of(new ComparisonRequest(8, 20), new ScheduleLimits { Memory = memory, Parameters = parameters });

        Assert.Null(choice.Best);
        Assert.Equal(mend, choice.Mend);
        Assert.Equal(10, choice.Rejected.Length);
    }

    [Fact]
    public void Of_equal_times_less_memory_is_better()
    {
        var choice = ScheduleChoice.Of(new ComparisonRequest(8, 20), new ScheduleLimits { Parameters = 1 });
        var (gpipe, plain) = (IndexOf(choice, "gpipe"), IndexOf(choice, "1f1b"));

        Assert.Equal(choice.Fitting[gpipe].Figures!.StepTime, choice.Fitting[plain].Figures!.StepTime);
        Assert.True(plain < gpipe);
    }

    [Fact]
    public void No_schedule_that_fits_is_faster_than_the_best()
    {
        var any =
            from ranks in Gen.Choose(1, 6)
            from microBatches in Gen.Choose(1, 16)
            from costs in CostGenerators.For(ranks)
            from memory in Gen.Choose(1, 30).Select(n => n / 3.0)
            from parameters in Gen.Elements(1, 2)
            select (request: new ComparisonRequest(ranks, microBatches) { Costs = costs }, memory, parameters);
        Prop.ForAll(any.ToArbitrary(), asked =>
            {
                var choice = ScheduleChoice.Of(asked.request, new ScheduleLimits { Memory = asked.memory, Parameters = asked.parameters });
                var rows = ScheduleComparison.Of(asked.request with { EqualBy = EqualBy.Ranks, SearchLimits = [asked.memory] }).Schedules;
                var fitting = rows.Where(row => row.IsAsAsked && row.Figures!.PeakActivations <= asked.memory * (1 + 1e-9)
                    && row.Figures.Parameters <= asked.parameters * (1 + 1e-9)).ToArray();
                return fitting.Length == choice.Fitting.Length
                    && rows.Length == choice.Fitting.Length + choice.Rejected.Length
                    && (choice.Best is null
                        ? choice.Mend is not null
                        : choice.Best.Figures!.StepTime == fitting.Min(row => row.Figures!.StepTime));
            })
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Memory_may_be_weighed()
    {
        var memory = new MemoryCosts { Activations = [0.5], Parameters = [3] };
        var choice = ScheduleChoice.Of(Request with { Memory = memory }, new ScheduleLimits { Memory = 8, Parameters = 3 });

        Assert.Equal("interleaved-zero-bubble", choice.Best?.Name);
        Assert.Equal((8, 3), (choice.Best?.Figures?.PeakActivations, choice.Best?.Figures?.Parameters));
    }

    [Fact]
    public void Limits_below_0_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScheduleLimits { Memory = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScheduleLimits { Parameters = double.NaN });
    }

    private static string LackOf(ScheduleChoice choice, string name) => choice.Rejected.Single(rejected => rejected.Schedule.Name == name).Lack;

    private static int IndexOf(ScheduleChoice choice, string name)
        => choice.Fitting.Select((schedule, index) => (schedule, index)).Single(pair => pair.schedule.Name == name).index;
}
