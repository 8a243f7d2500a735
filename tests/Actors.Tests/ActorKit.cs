using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace Actors.Runtime.Tests;

/// <summary>
/// The actor system of one test, with Akka's test kit over it. The kit brings probes and a dispatcher for them; it leaves the dispatcher of
/// the other actors as the configuration has it.
/// </summary>
/// <param name="isStepwise">
/// Whether the watch's timer and clock stand still but for <see cref="Pass"/>, and an actor runs in the thread that tells it. When a call
/// returns, all actors are idle: a test of a stall knows without a wait that nothing moves any more, however fast the machine is.
/// </param>
/// <param name="configuration">Laid over that of all tests.</param>
internal abstract class ActorKit(bool isStepwise = false, string configuration = "")
    : TestKit(ActorSystem.Create("test", Common + (isStepwise ? Stepwise : "") + configuration)), INoImplicitSender
{
    private const string Common = """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          test { single-expect-default = 60s, startup-timeout = 60s }
        }

        """;

    private const string Stepwise = """
        akka {
          scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
          actor.default-dispatcher.type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit"
          actor.internal-dispatcher.type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit"
        }

        """;

    private static readonly TimeSpan Stride = TimeSpan.FromSeconds(0.5);
    private readonly ManualTime _time = new();

    /// <summary>The watch's, of every test: far more than one component takes whose kernels are yet to be compiled.</summary>
    public static TimeSpan StallTimeout { get; } = TimeSpan.FromSeconds(30);

    protected TimeProvider Time => isStepwise ? _time : TimeProvider.System;

    /// <summary>Lets time pass for timers and clocks of a stepwise system.</summary>
    public void Pass(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Stride)
        {
            _time.Pass(Stride.TotalSeconds);
            ((TestScheduler)Sys.Scheduler).Advance(Stride);
        }
    }

    /// <summary>Ends all actors.</summary>
    public Task EndAsync() => Sys.Terminate().WaitAsync(TestContext.Timeout());

    protected override void AfterAll() => EndAsync().GetAwaiter().GetResult();
}
