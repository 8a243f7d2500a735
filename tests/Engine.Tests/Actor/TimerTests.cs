using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class TimerTests : EngineTest
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_single_timer_fires_once()
    {
        Probe probe = NewProbe();
        IActorRef actor = await Timing(probe, a => a.Timers.StartSingleTimer("key", "tick", Second));
        Time.Advance(Second / 2);
        await probe.ExpectNothingMore();
        Time.Advance(10 * Second);
        await probe.Expect("tick");
        await Done(actor);
        await probe.ExpectNothingMore();
    }

    [Fact]
    public async Task A_periodic_timer_fires_until_cancelled()
    {
        Probe probe = NewProbe();
        IActorRef actor = await Timing(probe, a => a.Timers.StartPeriodicTimer("key", "tick", 2 * Second, Second));
        Time.Advance(4 * Second);
        await probe.Expect("tick", "tick", "tick");
        actor.Tell((Action<Scripted>)(a => a.Timers.Cancel("key")));
        await Done(actor);
        Time.Advance(10 * Second);
        await Done(actor);
        await probe.ExpectNothingMore();
    }

    [Fact]
    public async Task A_timer_of_the_same_key_replaces_the_former_even_when_that_has_fired()
    {
        Probe probe = NewProbe();
        using ManualResetEventSlim blocked = new();
        IActorRef actor = await Timing(probe, a => a.Timers.StartSingleTimer("key", "old", Second));
        actor.Tell((Action<Scripted>)(_ => blocked.Wait()));
        Time.Advance(Second); // "old" lies in the mailbox behind this
        actor.Tell((Action<Scripted>)(_ => { }));
        blocked.Set();
        await probe.Expect("old");

        using ManualResetEventSlim again = new();
        actor.Tell((Action<Scripted>)(a => a.Timers.StartSingleTimer("key", "old", Second)));
        await Done(actor);
        actor.Tell((Action<Scripted>)(a =>
        {
            again.Wait();
            a.Timers.StartSingleTimer("key", "new", Second);
        }));
        Time.Advance(Second);
        again.Set();
        await Done(actor);
        Time.Advance(Second);
        await probe.Expect("new");
    }

    [Fact]
    public async Task Active_timers_are_known()
    {
        Probe probe = NewProbe();
        IActorRef actor = await Timing(probe, a => a.Timers.StartSingleTimer("key", "tick", Second));
        actor.Tell((Action<Scripted>)(a => probe.Ref.Tell((a.Timers.IsTimerActive("key"), a.Timers.ActiveTimers.Count))));
        Time.Advance(Second);
        actor.Tell((Action<Scripted>)(a => probe.Ref.Tell((a.Timers.IsTimerActive("key"), a.Timers.ActiveTimers.Count))));
        await probe.Expect((true, 1), "tick", (false, 0));
    }

    [Fact]
    public async Task Timers_end_with_the_instance()
    {
        Probe probe = NewProbe();
        IActorRef actor = await Timing(probe, a => a.Timers.StartPeriodicTimer("key", "tick", Second));
        actor.Tell((Action<Scripted>)(_ => throw new InvalidOperationException()));
        await Done(actor);
        Time.Advance(5 * Second);
        await Done(actor);
        await probe.ExpectNothingMore();
    }

    [Fact]
    public async Task A_quiet_actor_is_told_of_its_receive_timeout_again_and_again()
    {
        Probe probe = NewProbe();
        IActorRef actor = await Timing(probe, a => a.Context.SetReceiveTimeout(10 * Second));
        Time.Advance(9 * Second);
        actor.Tell("activity");
        await probe.Expect("activity");
        Time.Advance(9 * Second);
        await Done(actor);
        await probe.ExpectNothingMore();
        Time.Advance(Second);
        await probe.Expect(ReceiveTimeout.Instance);
        Time.Advance(10 * Second);
        await probe.Expect(ReceiveTimeout.Instance);
        actor.Tell((Action<Scripted>)(a => a.Context.SetReceiveTimeout(null)));
        await Done(actor);
        Time.Advance(60 * Second);
        await Done(actor);
        await probe.ExpectNothingMore();
    }

    [EmbeddedEngineFact("Akka.NET delivers a receive timeout that came due while a handler ran")]
    public async Task The_time_that_a_handler_takes_is_no_silence()
    {
        Probe probe = NewProbe();
        using ManualResetEventSlim slow = new();
        IActorRef actor = await Timing(probe, a => a.Context.SetReceiveTimeout(10 * Second));
        actor.Tell((Action<Scripted>)(_ => slow.Wait()));
        Time.Advance(11 * Second);
        slow.Set();
        await Done(actor);
        await probe.ExpectNothingMore();
        Time.Advance(10 * Second);
        await probe.Expect(ReceiveTimeout.Instance);
    }

    private static async Task Done(IActorRef actor) => await actor.Ask<ActorIdentity>(new Identify(1));

    private async Task<IActorRef> Timing(Probe probe, Action<Scripted> begin)
    {
        IActorRef actor = System.ActorOf(Scripted.Props((a, message) =>
        {
            if (message is Action<Scripted> action)
            {
                action(a);
            }
            else
            {
                probe.Ref.Tell(message);
            }
        }));
        actor.Tell(begin);
        await Done(actor);
        return actor;
    }
}
