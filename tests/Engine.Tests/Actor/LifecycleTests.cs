using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class LifecycleTests : EngineTest
{
    [Fact]
    public async Task A_poison_pill_stops_behind_the_messages_before_it()
    {
        Probe probe = NewProbe();
        IActorRef actor = System.ActorOf(Scripted.Props((_, message) => probe.Ref.Tell(message)));
        await probe.Watch(actor);
        actor.Tell(1);
        actor.Tell(PoisonPill.Instance);
        actor.Tell(2);
        await probe.Expect(1, new Terminated(actor, true, false));
    }

    [Fact]
    public async Task What_is_left_in_the_mailbox_of_a_stopped_actor_is_dead_letters()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<DeadLetter>(probe.Ref);
        IActorRef actor = System.ActorOf(Scripted.Props((_, _) => { }));
        actor.Tell(PoisonPill.Instance);
        actor.Tell(1);
        actor.Tell(2);
        Assert.Equal(1, (await probe.Next<DeadLetter>()).Message);
        Assert.Equal(2, (await probe.Next<DeadLetter>()).Message);
    }

    [Fact]
    public async Task A_stop_reaches_everything_below_before_the_actor_is_gone()
    {
        Probe probe = NewProbe();
        IActorRef told = probe.Ref;
        IActorRef top = System.ActorOf(Props.Create(() => new Nested(told, 3)));
        await probe.Expect("start 3", "start 2", "start 1", "start 0");
        Assert.True(await top.GracefulStop(Probe.Limit));
        await probe.Expect("stop 0", "stop 1", "stop 2", "stop 3");
    }

    [Fact]
    public async Task A_name_is_taken_until_its_actor_is_gone()
    {
        IActorRef first = System.ActorOf(Scripted.Props((_, _) => { }), "worker");
        InvalidActorNameException refused = Assert.Throws<InvalidActorNameException>(() => System.ActorOf(Scripted.Props((_, _) => { }), "worker"));
        Assert.Contains("worker", refused.Message, StringComparison.Ordinal);
        Probe parent = NewProbe();
        IActorRef owner = System.ActorOf(Scripted.Props((actor, message) =>
        {
            switch (message)
            {
                case "make":
                    parent.Ref.Tell(actor.Context.Watch(actor.Context.ActorOf(Scripted.Props((_, _) => { }), "child")));
                    break;
                case Terminated:
                    parent.Ref.Tell(actor.Context.ActorOf(Scripted.Props((_, _) => { }), "child"));
                    break;
            }
        }));
        owner.Tell("make");
        IActorRef child = await parent.Next<IActorRef>();
        System.Stop(child);
        IActorRef successor = await parent.Next<IActorRef>();
        Assert.Equal(child.Path, successor.Path);
        Assert.NotEqual(child, successor);
        Assert.Equal("worker", first.Path.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$a")]
    [InlineData("a/b")]
    [InlineData("sp ace")]
    [InlineData("ümlaut")]
    public void A_name_that_is_not_valid_is_refused(string name) =>
        Assert.Throws<InvalidActorNameException>(() => System.ActorOf(Scripted.Props((_, _) => { }), name));

    [Fact]
    public void Generated_names_are_unique()
    {
        HashSet<string> names = [];
        for (int i = 0; i < 200; i++)
        {
            Assert.True(names.Add(System.ActorOf(Scripted.Props((_, _) => { })).Path.Name));
        }
    }

    [Fact]
    public async Task A_graceful_stop_is_false_when_the_time_is_over_first()
    {
        IActorRef stubborn = System.ActorOf(Scripted.Props((_, _) => { }));
        Task<bool> stop = stubborn.GracefulStop(TimeSpan.FromMinutes(1), "please");
        Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await stop);
    }

    [Fact]
    public async Task Terminate_stops_every_actor_and_calls_back_in_reverse_order()
    {
        List<int> calls = [];
        Probe probe = NewProbe();
        IActorRef told = probe.Ref;
        IActorRef top = System.ActorOf(Props.Create(() => new Nested(told, 1)));
        System.RegisterOnTermination(() => calls.Add(1));
        System.RegisterOnTermination(() => calls.Add(2));
        await System.Terminate().WaitAsync(Probe.Limit);
        Assert.Equal([2, 1], calls);
        Assert.True(System.WhenTerminated.IsCompletedSuccessfully);
        Assert.Throws<InvalidOperationException>(() => System.ActorOf(Scripted.Props((_, _) => { })));
        Assert.NotNull(top);
    }

    [Fact]
    public async Task An_actor_cannot_be_made_with_new()
    {
        Assert.Throws<ActorInitializationException>(() => new Nested(ActorRefs.Nobody, 0));
        await Task.CompletedTask;
    }

    private sealed class Nested(IActorRef told, int depth) : UntypedActor
    {
        protected override void PreStart()
        {
            told.Tell($"start {depth}");
            if (depth > 0)
            {
                IActorRef teller = told;
                int below = depth - 1;
                Context.ActorOf(Props.Create(() => new Nested(teller, below)));
            }
        }

        protected override void PostStop() => told.Tell($"stop {depth}");

        protected override void OnReceive(object message)
        {
        }
    }
}
