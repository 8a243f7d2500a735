using Actors.Cpu;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Actors.Tensors;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>A run logs what an operator wants at the level where it is wanted.</summary>
public sealed class RunLogTests
{
    [Fact]
    public async Task A_run_tells_its_placement_and_each_step()
    {
        var log = new RecordingLoggers(LogLevel.Debug);
        using var run = new TrainingFixture(telemetry: new Telemetry { Loggers = log });
        await run.TrainAsync<TrainingEnded>(2);

        Assert.Equal(
            [
                "placing 8 ranks: PP 2 x EP 4 in 4 nodes, schedule dualpipe, 4 micro-batches, 64 tokens a step, from step 0",
                "all 8 ranks are placed", "training ended at step 2",
            ],
            log.Of(LogLevel.Information, "coordinator"));
        Assert.Equal(2, log.Of(LogLevel.Debug, "coordinator").Count(line => line.StartsWith("step ", StringComparison.Ordinal)));
        Assert.Equal(8, log.Of(LogLevel.Debug, "rank").Count());
        Assert.Equal(32, log.Of(LogLevel.Debug, "stage").Count());
        Assert.Equal(16, log.Of(LogLevel.Debug, "channel").Count());
        Assert.DoesNotContain(log.Lines, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task A_run_that_goes_well_logs_nothing_at_the_default_level()
    {
        var log = new RecordingLoggers(LogLevel.Warning);
        using var run = new TrainingFixture(telemetry: new Telemetry { Loggers = log });
        await run.TrainAsync<TrainingEnded>(2);

        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task A_rank_that_fails_is_an_error_that_names_rank_part_and_reason()
    {
        var log = new RecordingLoggers(LogLevel.Warning);
        int made = 0;
        ITensorLink MakeLink() => Interlocked.Increment(ref made) == 17 ? new FaultyLink(2, throws: true) : new HostLink();
        using var run = new TrainingFixture(makeLink: MakeLink, telemetry: new Telemetry { Loggers = log });
        await run.TrainAsync<RunFailed>(2);

        Assert.Matches(@"^rank \d failed: channel 0, \w+: the cable is cut$", log.Of(LogLevel.Error, "rank").First());
    }
}
