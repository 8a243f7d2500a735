using Actors.Runtime.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Microsoft.Extensions.Logging;

using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>The text log and what Akka.NET writes to it.</summary>
public sealed class TextLogTests
{
    [Fact]
    public void A_message_is_one_line_with_time_level_component_and_text()
    {
        using var text = new StringWriter { NewLine = "\n" };
        ILogger log = new TextLog(text, LogLevel.Information, new FixedTime()).CreateLogger("rank");

        RankLog.Failed(log, 3, "two\nlines", new InvalidOperationException("cause"));

        Assert.Equal("2026-02-03T04:05:06.789Z error rank: rank 3 failed: two lines\n", text.ToString());
    }

    [Fact]
    public void A_level_that_is_off_writes_and_allocates_nothing()
    {
        using var text = new StringWriter { NewLine = "\n" };
        ILogger log = new TextLog(text, LogLevel.Warning, new FixedTime()).CreateLogger("coordinator");
        CoordinatorLog.StepCompleted(log, 1, 2, 3, 4);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 1000; step++)
        {
            CoordinatorLog.StepCompleted(log, step, 2, 3, 4);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Empty(text.ToString());
    }

    [Fact]
    public void At_level_debug_the_stack_follows()
    {
        using var text = new StringWriter { NewLine = "\n" };
        ILogger log = new TextLog(text, LogLevel.Debug, new FixedTime()).CreateLogger("rank");

        RankLog.Failed(log, 3, "reason", new InvalidOperationException("cause"));

        Assert.Contains("\nSystem.InvalidOperationException: cause\n", text.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogLevel.Information, true, true)]
    [InlineData(LogLevel.Warning, false, true)]
    [InlineData(LogLevel.None, false, false)]
    public async Task Akkas_own_log_goes_to_the_same_place_at_the_same_level(LogLevel level, bool hasInformation, bool hasWarning)
    {
        var recorded = new RecordingLoggers(level);
        using ActorSystem system = ActorSystem.Create("logging", AkkaLog.Setup(Config.Empty, recorded));
        system.Log.Info("for information");
        system.Log.Warning("as a warning");
        if (hasWarning)
        {
            await recorded.WaitForAsync("as a warning");
        }

        await system.Terminate().WaitAsync(TestContext.Timeout());

        Assert.Equal(hasInformation, recorded.Of(LogLevel.Information, "akka").Any(line => line.EndsWith("for information", StringComparison.Ordinal)));
        Assert.Equal(hasWarning, recorded.Of(LogLevel.Warning, "akka").Any(line => line.EndsWith("as a warning", StringComparison.Ordinal)));
        Assert.DoesNotContain(recorded.Lines, line => line.Level < level);
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);
    }
}
