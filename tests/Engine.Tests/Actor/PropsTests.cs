using Akka.Actor;
using Akka.Dispatch;

namespace Akka.Tests.Actor;

public sealed class PropsTests : EngineTest
{
    private static int _evaluations;

    [Fact]
    public async Task Arguments_of_an_expression_are_worked_out_once_and_instances_made_anew()
    {
        _evaluations = 0;
        IActorRef actor = System.ActorOf(Props.Create(() => new Counting(Evaluated())));
        Assert.Equal((1, 1), await actor.Ask<(int, int)>("count", Probe.Limit));
        Assert.Equal((1, 2), await actor.Ask<(int, int)>("count", Probe.Limit));
        actor.Tell(new InvalidOperationException());
        Assert.Equal((1, 1), await actor.Ask<(int, int)>("count", Probe.Limit));
    }

    [Fact]
    public async Task Arguments_may_be_given_apart_from_the_type()
    {
        Assert.Equal((7, 1), await System.ActorOf(Props.Create<Counting>(7)).Ask<(int, int)>("count", Probe.Limit));
        Assert.Equal((8, 1), await System.ActorOf(Props.Create(typeof(Counting), 8)).Ask<(int, int)>("count", Probe.Limit));
        Assert.Equal((9, 1), await System.ActorOf(Props.CreateBy(new Producer())).Ask<(int, int)>("count", Probe.Limit));
    }

    [EmbeddedEngineFact("Akka.NET throws another exception")]
    public void An_expression_that_is_no_constructor_call_is_refused() =>
        Assert.Throws<ArgumentException>(() => Props.Create(() => Made()));

    [Fact]
    public void A_type_that_is_no_actor_is_refused() => Assert.Throws<ArgumentException>(() => Props.Create(typeof(string)));

    [Fact]
    public async Task Arguments_that_fit_no_constructor_stop_the_actor()
    {
        Probe probe = NewProbe();
        IActorRef actor = System.ActorOf(Props.Create<Counting>("not a number"));
        await probe.Watch(actor);
        await probe.ExpectEnd(actor);
    }

    [Fact]
    public void A_changed_recipe_leaves_the_former_as_it_was()
    {
        Props plain = Props.Create<Counting>(1);
        Props changed = plain.WithDispatcher("d").WithMailbox("m").WithStashCapacity(3).WithSupervisorStrategy(SupervisorStrategy.StoppingStrategy);
        Assert.Equal((Dispatchers.DefaultDispatcherId, ""), (plain.Dispatcher, plain.Mailbox));
        Assert.Equal(("d", "m", 3), (changed.Dispatcher, changed.Mailbox, changed.Deploy.StashCapacity));
        Assert.Same(SupervisorStrategy.StoppingStrategy, changed.SupervisorStrategy);
        Assert.Equal(plain, Props.Create<Counting>(1));
        Assert.NotEqual(plain, changed);
    }

    [Fact]
    public async Task A_constructor_that_is_not_public_makes_no_actor()
    {
        Probe probe = NewProbe();
        IActorRef actor = System.ActorOf(Props.Create(() => new Hidden(1)));
        await probe.Watch(actor);
        await probe.ExpectEnd(actor);
    }

    private static int Evaluated() => ++_evaluations;

    private static Counting Made() => new(1);

    private sealed class Producer : IIndirectActorProducer
    {
        public Type ActorType => typeof(Counting);

        public ActorBase Produce() => new Counting(9);

        public void Release(ActorBase actor)
        {
        }
    }

    private sealed class Counting : ReceiveActor
    {
        private int _count;

        public Counting(int argument)
        {
            Receive<string>(_ => Sender.Tell((argument, ++_count)));
            Receive<Exception>(failure => throw failure);
        }
    }

    private sealed class Hidden : UntypedActor
    {
        internal Hidden(int argument) => _ = argument;

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
