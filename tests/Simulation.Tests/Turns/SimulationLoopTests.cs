using Actors.Simulation.Turns;
using Akka.Actor;
using Akka.Dispatch;

namespace Actors.Simulation.Tests.Turns;

public sealed class SimulationLoopTests
{
    [Fact]
    public void A_turn_is_one_message_and_any_waiting_actor_may_be_next()
    {
        var orders = new HashSet<string>();
        Seeds.ForAll(60, seed => orders.Add(OrderOf(seed)));

        // All ways to mix two messages to one actor with two to another.
        Assert.Equal(["a1 a2 b1 b2", "a1 b1 a2 b2", "a1 b1 b2 a2", "b1 a1 a2 b2", "b1 a1 b2 a2", "b1 b2 a1 a2"], orders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Time_jumps_to_the_next_event_when_no_turn_is_left()
    {
        var loop = new SimulationLoop(1);
        long start = loop.Now;
        var times = new List<long>();
        loop.At(start + 70, () => times.Add(loop.Now));
        loop.At(start + 30, () =>
        {
            times.Add(loop.Now);
            loop.At(start + 40, () => times.Add(loop.Now));
            loop.At(start + 20, () => times.Add(loop.Now));
        });

        Assert.False(loop.Run(() => false));
        Assert.Equal([start + 30, start + 30, start + 40, start + 70], times);
    }

    [Fact]
    public void It_stops_where_it_is_told_to_and_after_too_many_turns()
    {
        var loop = new SimulationLoop(1);
        int turns = 0;
        loop.At(0, Again);

        Assert.True(loop.Run(() => turns == 5));
        SimulationException failure = Assert.Throws<SimulationException>(() => loop.Run(() => false, mostTurns: 10));
        Assert.Equal("seed 1: 10 turns were taken and there is no end of them.", failure.Message);
        Assert.Equal(15, turns);

        void Again()
        {
            turns++;
            loop.At(loop.Now + 1, Again);
        }
    }

    [Fact]
    public void A_turn_from_another_thread_is_refused()
    {
        var loop = new SimulationLoop(1);
        Exception? failure = null;
        var other = new Thread(() => failure = Record.Exception(() => loop.Add(new ActionRunnable(() => { }))));
        other.Start();
        other.Join();

        Assert.Contains("another thread", Assert.IsType<InvalidOperationException>(failure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Timers_and_clock_run_on_virtual_time()
    {
        var loop = new SimulationLoop(1);
        using var system = new SimulatedSystem(loop);
        var time = new VirtualTime(loop);
        long start = time.GetTimestamp();
        SimulatedUser user = system.User("user");
        system.System.Scheduler.ScheduleTellOnce(TimeSpan.FromHours(1), user.Ref, "once", ActorRefs.NoSender);
        ICancelable cancelled = system.System.Scheduler.ScheduleTellRepeatedlyCancelable(
            TimeSpan.FromHours(2), TimeSpan.FromHours(3), user.Ref, "again", ActorRefs.NoSender);

        system.RunUntil(() => user.Messages.Count == 3);
        Assert.Equal(["once", "again", "again"], user.Messages);
        Assert.Equal(TimeSpan.FromHours(5), time.GetElapsedTime(start));

        cancelled.Cancel();
        system.RunDry();
        Assert.Equal(3, user.Messages.Count);
    }

    private static string OrderOf(ulong seed)
    {
        var loop = new SimulationLoop(seed);
        using var system = new SimulatedSystem(loop);
        var order = new List<string>();
        IActorRef a = system.System.ActorOf(Props.Create(() => new Recorder(order)), "a");
        IActorRef b = system.System.ActorOf(Props.Create(() => new Recorder(order)), "b");
        system.RunDry();
        a.Tell("a1");
        a.Tell("a2");
        b.Tell("b1");
        b.Tell("b2");
        system.RunDry();
        return string.Join(' ', order);
    }

    private sealed class Recorder(List<string> order) : UntypedActor
    {
        protected override void OnReceive(object message) => order.Add((string)message);
    }
}
