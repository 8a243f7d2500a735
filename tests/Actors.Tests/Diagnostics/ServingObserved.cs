using Actors.Runtime.Diagnostics;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Serving;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>What the gateway logs and counts, and that watching costs nothing a token.</summary>
public sealed class ServingObserved
{
    [Fact]
    public async Task Requests_are_counted_and_logged_when_they_are_admitted_refused_and_ended()
    {
        using var meters = new RuntimeMeters();
        using var recorded = new RecordingMeters(meters);
        var log = new RecordingLoggers(LogLevel.Debug);
        using var serving = new ServingFixture(
            expertRanks: 4, ranksPerNode: 2, telemetry: new Telemetry { Loggers = log, Meters = meters });
        await serving.AskAsync<InferenceEnded>(new Infer([1, 2, 3], MaxTokens: 4));
        await serving.AskAsync<InferenceEnded>(new Infer([5, 6], MaxTokens: 100));

        // The gateway takes this after it has counted the last step.
        await serving.AskAsync<InferenceRefused>(new Infer([], 1));

        Assert.Equal(2, recorded["actors.infer.requests.admitted"]);
        Assert.Equal(1, recorded["actors.infer.requests.refused"]);
        Assert.Equal(1, recorded["actors.infer.requests.ended reason=max_tokens"]);
        Assert.Equal(1, recorded["actors.infer.requests.ended reason=max_length"]);
        Assert.Equal(0, recorded["actors.infer.requests.waiting"]);
        Assert.Equal(0, recorded["actors.infer.requests.running"]);
        Assert.Equal(5, recorded["actors.infer.prompt.tokens"]);
        Assert.Equal(4 + 22, recorded["actors.infer.tokens"]);
        Assert.Equal(2, recorded.CountOf("actors.infer.time_to_first_token"));
        Assert.Equal(2, recorded.CountOf("actors.infer.prefill.duration"));
        Assert.Equal(2, recorded.CountOf("actors.infer.decode.duration"));
        Assert.Equal(2, recorded.CountOf("actors.infer.step.duration mode=prefill"));
        Assert.Equal(3 + 21, recorded.CountOf("actors.infer.step.duration mode=decode"));
        Assert.Equal(["serving on 4 ranks: PP 1 x EP 4 in 2 nodes, 4 sequences at once, 24 tokens each"], log.Of(LogLevel.Information, "gateway"));
        string[] lines = [.. log.Of(LogLevel.Debug, "gateway")];
        Assert.Equal(5, lines.Length);
        Assert.Equal("request admitted at rank 0: 3 prompt tokens, up to 4 more, 0 still wait", lines[0]);
        Assert.StartsWith("request ended by MaxTokens: 4 tokens, prefill ", lines[1], StringComparison.Ordinal);
        Assert.Equal("request refused: the prompt is empty: give at least one token", lines[4]);
    }

    [Fact]
    public async Task Watching_starts_one_timer_and_decoding_none()
    {
        CountingScheduler.Scheduled = 0;
        using var serving = new ServingFixture(
            expertRanks: 4, ranksPerNode: 2,
            configuration: $"akka.scheduler.implementation = \"{typeof(CountingScheduler).AssemblyQualifiedName}\"");
        await serving.AskAsync<InferenceEnded>(new Infer([1], MaxTokens: 1));
        int before = Volatile.Read(ref CountingScheduler.Scheduled);
        await serving.AskAsync<InferenceEnded>(new Infer([1], MaxTokens: 20));

        Assert.Equal(before, Volatile.Read(ref CountingScheduler.Scheduled));
        Assert.Equal(1, CountingScheduler.Scheduled);
    }

    /// <summary>Counts the messages that are scheduled for the gateway and sends none: the test ends long before a watch looks.</summary>
    public sealed class CountingScheduler(Config config, ILoggingAdapter log) : SchedulerBase(config, log), IDateTimeOffsetNowTimeProvider
    {
        public static int Scheduled;

        public override TimeSpan MonotonicClock => HighResMonotonicClock;

        public override TimeSpan HighResMonotonicClock => TimeProvider.System.GetElapsedTime(0);

        protected override DateTimeOffset TimeNow => TimeProvider.System.GetUtcNow();

        protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) => Count(receiver);

        protected override void InternalScheduleTellRepeatedly(
            TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) => Count(receiver);

        protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable)
        {
        }

        protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable)
        {
        }

        protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable)
        {
        }

        protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable)
        {
        }

        private static void Count(ICanTell receiver)
        {
            if (receiver is IActorRef { Path.Name: "gateway" })
            {
                Interlocked.Increment(ref Scheduled);
            }
        }
    }
}
