using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class ReceiveActorTests : EngineTest
{
    [Fact]
    public async Task The_first_handler_that_takes_a_message_handles_it()
    {
        Probe probe = NewProbe();
        IActorRef actor = Declared(a =>
        {
            a.On<string>(s => probe.Ref.Tell("short"), s => s.Length < 3);
            a.On<string>(_ => probe.Ref.Tell("text"));
            a.On<IComparable>(_ => probe.Ref.Tell("comparable"));
            a.OnAny(_ => probe.Ref.Tell("any"));
        });
        foreach (object message in new object[] { "ab", "abc", 1, new object(), "ab" })
        {
            actor.Tell(message);
        }

        await probe.Expect("short", "text", "comparable", "any", "short");
    }

    [Fact]
    public async Task A_handler_that_declines_leaves_the_message_to_the_next()
    {
        Probe probe = NewProbe();
        IActorRef actor = Declared(a =>
        {
            a.OnIf<int>(n => n < 0);
            a.On<int>(n => probe.Ref.Tell(n));
        });
        actor.Tell(-1);
        actor.Tell(1);
        await probe.Expect(1);
    }

    [Fact]
    public async Task A_message_without_a_handler_is_unhandled()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<UnhandledMessage>(probe.Ref);
        Declared(a => a.On<int>(_ => { })).Tell("text");
        Assert.Equal("text", (await probe.Next<UnhandledMessage>()).Message);
    }

    [Fact]
    public async Task Become_replaces_and_become_stacked_covers_the_behaviour()
    {
        Probe probe = NewProbe();
        IActorRef actor = Declared(a =>
        {
            a.On<string>(_ => probe.Ref.Tell("first"));
            a.On<int>(_ => a.Stack(() =>
            {
                a.On<string>(_ => probe.Ref.Tell("stacked"));
                a.On<int>(_ => a.Unstack());
            }));
            a.On<double>(_ => a.Replace(() => a.On<string>(_ => probe.Ref.Tell("replaced"))));
        });
        foreach (object message in new object[] { "x", 1, "x", 1, "x", 1.0, "x" })
        {
            actor.Tell(message);
        }

        await probe.Expect("first", "stacked", "first", "replaced");
    }

    [Fact]
    public async Task A_restart_returns_to_the_first_behaviour()
    {
        Probe probe = NewProbe();
        IActorRef actor = Declared(a =>
        {
            a.On<string>(_ => probe.Ref.Tell("first"));
            a.On<int>(_ => a.Replace(() =>
            {
                a.On<string>(_ => probe.Ref.Tell("second"));
                a.On<Exception>(e => throw e);
            }));
        });
        actor.Tell(1);
        actor.Tell("x");
        actor.Tell(new InvalidOperationException());
        actor.Tell("x");
        await probe.Expect("second", "first");
    }

    [Fact]
    public async Task Nothing_can_be_declared_after_receive_any()
    {
        Probe probe = NewProbe();
        IActorRef actor = Declared(a =>
        {
            a.OnAny(_ => { });
            a.On<int>(_ => { });
        });
        await probe.Watch(actor);
        await probe.ExpectEnd(actor);
    }

    [Fact]
    public async Task Handlers_cannot_be_declared_while_handling_a_message()
    {
        Probe probe = NewProbe();
        IActorRef actor = Declared(a => a.On<string>(_ => probe.Ref.Tell(Record.Exception(() => a.On<int>(_ => { }))!)));
        actor.Tell("x");
        await probe.Next<InvalidOperationException>();
    }

    [Fact]
    public async Task Types_known_only_while_running_are_handled()
    {
        Probe probe = NewProbe();
        IActorRef actor = Declared(a => a.OnType(typeof(string), m => probe.Ref.Tell(m), m => m is not "no"));
        actor.Tell("no");
        actor.Tell("yes");
        await probe.Expect("yes");
    }

    private IActorRef Declared(Action<Declaring> declare) => System.ActorOf(Props.Create(() => new Declaring(declare)));

    private sealed class Declaring : ReceiveActor
    {
        public Declaring(Action<Declaring> declare) => declare(this);

        public void On<T>(Action<T> handler, Predicate<T>? condition = null) => Receive(handler, condition);

        public void OnIf<T>(Func<T, bool> handler) => Receive(handler);

        public void OnAny(Action<object> handler) => ReceiveAny(handler);

        public void OnType(Type type, Action<object> handler, Predicate<object> condition) => Receive(type, condition, handler);

        public void Stack(Action configure) => BecomeStacked(configure);

        public void Replace(Action configure) => Become(configure);

        public void Unstack() => UnbecomeStacked();
    }
}
