using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Tests.Event;

public sealed class LoggingTests : EngineTest
{
    protected override string Settings => "akka.loglevel = WARNING, akka.loggers = []";

    [EmbeddedEngineFact("Akka.NET keeps the template and the arguments of a log message apart")]
    public async Task Events_below_the_level_are_not_published()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<LogEvent>(probe.Ref);
        ILoggingAdapter log = Logging.GetLogger(System, "source");
        Assert.False(log.IsInfoEnabled);
        Assert.True(log.IsWarningEnabled);
        log.Info("not said");
        log.Warning("{0} of {1}", 1, 2);
        LogEvent warning = await probe.Next<LogEvent>();
        Assert.Equal(("source", "1 of 2", LogLevel.WarningLevel), (warning.LogSource, warning.Message.ToString(), warning.LogLevel()));
    }

    [Fact]
    public async Task An_actors_log_names_the_actor()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<Error>(probe.Ref);
        InvalidOperationException cause = new("why");
        System.ActorOf(Scripted.Props((actor, _) => actor.Context.GetLogger().Error(cause, "failed")), "logging").Tell("go");
        Error error = await probe.Next<Error>();
        Assert.Equal("akka://test/user/logging", error.LogSource);
        Assert.Same(cause, error.Cause);
    }

    [Fact]
    public async Task A_configured_logger_gets_the_events()
    {
        ActorSystem system = Start($"akka.loglevel = DEBUG, akka.loggers = [\"{typeof(Collecting).AssemblyQualifiedName}\"]");
        system.Log.Debug("hello");
        LogEvent seen = await Collecting.Seen.Task.WaitAsync(Probe.Limit);
        Assert.NotNull(seen.Message);
    }

    [EmbeddedEngineTheory("Akka.NET throws other exceptions")]
    [InlineData("akka.loglevel = LOUD", "akka.loglevel")]
    [InlineData("akka.loggers = [No.Logger]", "No.Logger")]
    [InlineData("akka.actor.guardian-supervisor-strategy = Hope", "Hope")]
    public void A_wrong_setting_is_named(string settings, string named) =>
        Assert.Contains(named, Assert.Throws<ConfigurationException>(() => Start(settings)).Message, StringComparison.Ordinal);

#if !AKKA_NET
    [Fact]
    public void A_format_that_does_not_fit_is_shown_as_it_is()
    {
        FormattedLogMessage message = new(DefaultLogMessageFormatter.Instance, "{0} {1}", [1]);
        Assert.Contains("{0} {1}", message.ToString(), StringComparison.Ordinal);
    }
#endif

    [EmbeddedEngineFact("Akka.NET's listener has another name and other texts")]
    public async Task The_first_dead_letters_are_logged_up_to_the_limit()
    {
        ActorSystem system = Start("akka.loglevel = INFO, akka.loggers = [], akka.log-dead-letters = 2");
        Probe probe = new(system);
        system.EventStream.Subscribe<Info>(probe.Ref);
        await system.ActorSelection("/system/deadLetterListener").ResolveOne(Probe.Limit); // it has subscribed
        for (int i = 0; i < 5; i++)
        {
            system.DeadLetters.Tell(i, ActorRefs.NoSender);
        }

        Assert.Contains("[1] dead letters", (await probe.Next<Info>()).Message.ToString(), StringComparison.Ordinal);
        Assert.Contains("[2] dead letters", (await probe.Next<Info>()).Message.ToString(), StringComparison.Ordinal);
        Assert.Contains("No more", (await probe.Next<Info>()).Message.ToString(), StringComparison.Ordinal);
        await probe.ExpectNothingMore();
    }

    private sealed class Collecting : ReceiveActor
    {
        public static readonly TaskCompletionSource<LogEvent> Seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Collecting()
        {
            Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
            Receive<LogEvent>(log => Seen.TrySetResult(log));
        }
    }
}
