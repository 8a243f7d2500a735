using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class AsyncReceiveTests : EngineTest
{
    [Fact]
    public async Task The_next_message_waits_until_the_handlers_task_is_over()
    {
        Probe probe = NewProbe();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef actor = Async(probe, gate.Task);
        actor.Tell("wait");
        actor.Tell(1);
        await probe.Expect("before");
        await probe.ExpectNothingMore();
        gate.SetResult();
        await probe.Expect("after", 1);
    }

    [Fact]
    public async Task Sender_self_and_context_are_in_place_after_an_await()
    {
        Probe probe = NewProbe();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef actor = Async(probe, gate.Task);
        actor.Tell("who", probe.Ref);
        actor.Tell(1, ActorRefs.NoSender);
        gate.SetResult();
        await probe.Expect((probe.Ref, actor, actor), 1);
    }

    [Fact]
    public async Task A_failure_after_an_await_goes_to_the_supervisor()
    {
        Probe probe = NewProbe();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef actor = Async(probe, gate.Task);
        actor.Tell("fail");
        actor.Tell(1);
        gate.SetResult();
        await probe.Expect("restarted", 1);
    }

    [Fact]
    public async Task A_failure_before_the_first_await_goes_to_the_supervisor()
    {
        Probe probe = NewProbe();
        IActorRef actor = Async(probe, Task.CompletedTask);
        actor.Tell("fail");
        actor.Tell(1);
        await probe.Expect("restarted", 1);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_the_handler()
    {
        Probe probe = NewProbe();
        TaskCompletionSource gate = new();
        IActorRef actor = Async(probe, gate.Task);
        await probe.Watch(actor);
        actor.Tell("wait");
        await probe.Expect("before");
        System.Stop(actor);
        await probe.Expect(new Terminated(actor, true, false));
    }

    [Fact]
    public async Task Many_awaits_keep_order_and_never_overlap()
    {
        Probe probe = NewProbe();
        IActorRef actor = System.ActorOf(Props.Create(() => new Yielding(probe.Ref)));
        for (int i = 0; i < 500; i++)
        {
            actor.Tell(i);
        }

        for (int i = 0; i < 500; i++)
        {
            await probe.Expect(i);
        }
    }

    private IActorRef Async(Probe probe, Task gate)
    {
        IActorRef told = probe.Ref;
        return System.ActorOf(Props.Create(() => new AsyncActor(told, gate)));
    }

    private sealed class AsyncActor : ReceiveActor
    {
        private readonly IActorRef _told;

        public AsyncActor(IActorRef told, Task gate)
        {
            _told = told;
            ReceiveAsync<string>(
                async _ =>
                {
                    told.Tell("before");
                    await gate;
                    told.Tell("after");
                },
                s => s == "wait");
            ReceiveAsync<string>(
                async _ =>
                {
                    await gate;
                    told.Tell((Sender, Self, Context.Self));
                },
                s => s == "who");
            ReceiveAsync<string>(async _ =>
            {
                await gate;
                throw new InvalidOperationException("fails");
            });
            ReceiveAny(told.Tell);
        }

        protected override void PostRestart(Exception reason) => _told.Tell("restarted");
    }

    private sealed class Yielding : ReceiveActor
    {
        private int _inside;

        public Yielding(IActorRef told) => ReceiveAsync<int>(async number =>
        {
            int inside = ++_inside;
            await Task.Yield();
            await Task.Run(static () => { });
            told.Tell(inside == 1 ? number : -1);
            _inside--;
        });
    }
}
