using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class SupervisionTests : EngineTest
{
    [Fact]
    public async Task A_restarted_child_is_a_fresh_instance_that_keeps_its_mailbox()
    {
        Probe probe = NewProbe();
        IActorRef supervisor = Supervisor(new OneForOneStrategy(_ => Directive.Restart));
        IActorRef child = await Child(supervisor, probe);
        child.Tell(new Block(out TaskCompletionSource gate));
        child.Tell(new InvalidOperationException("boom"));
        child.Tell("count");
        child.Tell("count");
        gate.SetResult();
        await probe.Expect("start", "preRestart boom", "stop", "postRestart boom", "start", 1, 2);
    }

    [Fact]
    public async Task A_resumed_child_keeps_its_state_and_loses_only_the_failing_message()
    {
        Probe probe = NewProbe();
        IActorRef child = await Child(Supervisor(new OneForOneStrategy(_ => Directive.Resume)), probe);
        child.Tell("count");
        child.Tell(new InvalidOperationException("boom"));
        child.Tell("count");
        await probe.Expect("start", 1, 2);
    }

    [Fact]
    public async Task A_stopped_child_is_gone_and_its_later_messages_are_dead_letters()
    {
        Probe probe = NewProbe();
        IActorRef child = await Child(Supervisor(new OneForOneStrategy(_ => Directive.Stop)), probe);
        await probe.Watch(child);
        child.Tell(new InvalidOperationException("boom"));
        await probe.Expect("start", "stop", new Terminated(child, true, false));
    }

    [Fact]
    public async Task All_for_one_restarts_the_siblings_too()
    {
        Probe failing = NewProbe();
        Probe sibling = NewProbe();
        IActorRef supervisor = Supervisor(new AllForOneStrategy(_ => Directive.Restart));
        IActorRef first = await Child(supervisor, failing);
        IActorRef second = await Child(supervisor, sibling);
        await failing.Expect("start");
        await sibling.Expect("start");
        second.Tell("count");
        await sibling.Expect(1);
        first.Tell(new InvalidOperationException("boom"));
        await failing.Expect("preRestart boom", "stop", "postRestart boom", "start");
        await sibling.Expect("preRestart boom", "stop", "postRestart boom", "start");
        second.Tell("count");
        await sibling.Expect(1);
    }

    [Fact]
    public async Task One_restart_more_than_allowed_stops_the_child()
    {
        Probe probe = NewProbe();
        IActorRef child = await Child(Supervisor(new OneForOneStrategy(2, TimeSpan.FromMinutes(1), _ => Directive.Restart)), probe);
        await probe.Watch(child);
        await probe.Expect("start");
        for (int i = 0; i < 2; i++)
        {
            child.Tell(new InvalidOperationException("boom"));
            await probe.Expect("preRestart boom", "stop", "postRestart boom", "start");
        }

        child.Tell(new InvalidOperationException("boom"));
        await probe.Expect("stop", new Terminated(child, true, false));
    }

    [EmbeddedEngineFact("Akka.NET counts restarts on the machine's clock, not the scheduler's")]
    public async Task Restarts_count_again_from_zero_when_the_time_range_is_over()
    {
        Probe probe = NewProbe();
        IActorRef child = await Child(Supervisor(new OneForOneStrategy(1, TimeSpan.FromMinutes(1), _ => Directive.Restart)), probe);
        await probe.Expect("start");
        for (int i = 0; i < 3; i++)
        {
            child.Tell(new InvalidOperationException("boom"));
            await probe.Expect("preRestart boom", "stop", "postRestart boom", "start");
            Time.Advance(TimeSpan.FromMinutes(2));
        }
    }

    [Fact]
    public async Task An_escalated_failure_is_the_supervisors_own()
    {
        Probe probe = NewProbe();
        IActorRef top = Supervisor(new OneForOneStrategy(_ => Directive.Stop));
        IActorRef middle = await top.Ask<IActorRef>(Props.Create(() => new Parent(new OneForOneStrategy(_ => Directive.Escalate))), Probe.Limit);
        IActorRef child = await Child(middle, probe);
        await probe.Watch(middle);
        await probe.Expect("start");
        child.Tell(new InvalidOperationException("boom"));
        await probe.Expect("stop", new Terminated(middle, true, false));
    }

    [Fact]
    public async Task A_restart_stops_the_children_of_the_restarted()
    {
        Probe probe = NewProbe();
        IActorRef top = Supervisor(new OneForOneStrategy(_ => Directive.Restart));
        IActorRef middle = await top.Ask<IActorRef>(Props.Create(() => new Parent(SupervisorStrategy.DefaultStrategy)), Probe.Limit);
        IActorRef child = await Child(middle, probe);
        await probe.Watch(child);
        await probe.Expect("start");
        middle.Tell(new InvalidOperationException("boom"));
        await probe.Expect("stop", new Terminated(child, true, false));
        IActorRef again = await middle.Ask<IActorRef>(Props.Create(() => new Worker(probe.Ref)), Probe.Limit);
        await probe.Expect("start");
        Assert.NotEqual(child, again);
    }

    [Fact]
    public async Task An_actor_whose_constructor_throws_is_stopped()
    {
        Probe probe = NewProbe();
        IActorRef failing = System.ActorOf(Props.Create(() => new Unmakeable()));
        await probe.Watch(failing);
        await probe.ExpectEnd(failing);
    }

    [Fact]
    public async Task A_killed_actor_fails_and_is_stopped_by_the_default_strategy()
    {
        Probe probe = NewProbe();
        IActorRef child = await Child(Supervisor(SupervisorStrategy.DefaultStrategy), probe);
        await probe.Watch(child);
        child.Tell(Kill.Instance);
        await probe.Expect("start", "stop", new Terminated(child, true, false));
    }

    [Fact]
    public async Task A_failing_restart_stops_the_child_by_the_default_strategy()
    {
        Probe probe = NewProbe();
        IActorRef supervisor = Supervisor(SupervisorStrategy.DefaultStrategy);
        IActorRef child = await supervisor.Ask<IActorRef>(Props.Create(() => new FailsOnRestart()), Probe.Limit);
        await probe.Watch(child);
        child.Tell("fail");
        await probe.Expect(new Terminated(child, true, false));
    }

    private static async Task<IActorRef> Child(IActorRef supervisor, Probe probe)
    {
        IActorRef told = probe.Ref;
        return await supervisor.Ask<IActorRef>(Props.Create(() => new Worker(told)), Probe.Limit);
    }

    private IActorRef Supervisor(SupervisorStrategy strategy) => System.ActorOf(Props.Create(() => new Parent(strategy)));

    private sealed class Block
    {
        private readonly TaskCompletionSource _gate = new();

        public Block(out TaskCompletionSource gate) => gate = _gate;

        public void Wait() => _gate.Task.GetAwaiter().GetResult();
    }

    private sealed class Parent(SupervisorStrategy strategy) : UntypedActor
    {
        protected override SupervisorStrategy SupervisorStrategy() => strategy;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Props props:
                    Sender.Tell(Context.ActorOf(props));
                    break;
                case Exception failure:
                    throw failure;
            }
        }
    }

    private sealed class Worker : ReceiveActor
    {
        private readonly IActorRef _told;
        private int _count;

        public Worker(IActorRef told)
        {
            _told = told;
            Receive<string>(_ => _told.Tell(++_count));
            Receive<Block>(block => block.Wait());
            Receive<Exception>(failure => throw failure);
        }

        protected override void PreStart() => _told.Tell("start");

        protected override void PostStop() => _told.Tell("stop");

        protected override void PreRestart(Exception reason, object? message)
        {
            _told.Tell("preRestart " + reason.Message);
            base.PreRestart(reason, message);
        }

        protected override void PostRestart(Exception reason)
        {
            _told.Tell("postRestart " + reason.Message);
            base.PostRestart(reason);
        }
    }

    private sealed class Unmakeable : UntypedActor
    {
        public Unmakeable() => throw new InvalidOperationException("cannot be made");

        protected override void OnReceive(object message)
        {
        }
    }

    private sealed class FailsOnRestart : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidOperationException("fails");

        protected override void PostRestart(Exception reason) => throw new InvalidOperationException("fails again");
    }
}
