using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Event;

public sealed class EventStreamTests : EngineTest
{
    [Fact]
    public async Task A_subscriber_gets_what_is_derived_from_its_type_once()
    {
        Probe probe = NewProbe();
        Assert.True(System.EventStream.Subscribe<Animal>(probe.Ref));
        Assert.True(System.EventStream.Subscribe<ICanFly>(probe.Ref));
        Assert.False(System.EventStream.Subscribe<Animal>(probe.Ref));
        Bird bird = new();
        Animal animal = new();
        System.EventStream.Publish(bird);
        System.EventStream.Publish("no animal");
        System.EventStream.Publish(animal);
        await probe.Expect(bird, animal);
        await probe.ExpectNothingMore();
    }

    [Fact]
    public async Task Who_unsubscribes_gets_no_more()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<Animal>(probe.Ref);
        System.EventStream.Subscribe<string>(probe.Ref);
        Assert.True(System.EventStream.Unsubscribe<Animal>(probe.Ref));
        Assert.False(System.EventStream.Unsubscribe<Animal>(probe.Ref));
        System.EventStream.Publish(new Bird());
        System.EventStream.Publish("text");
        await probe.Expect("text");
        Assert.True(System.EventStream.Unsubscribe(probe.Ref));
        System.EventStream.Publish("text");
        await probe.ExpectNothingMore();
    }

    [EmbeddedEngineFact("Akka.NET's unsubscriber has another name")]
    public async Task A_subscription_ends_with_its_actor()
    {
        Probe probe = NewProbe();
        IActorRef mortal = System.ActorOf(Scripted.Props((_, _) => { }));
        System.EventStream.Subscribe<Animal>(mortal);
        await probe.Watch(mortal);
        System.Stop(mortal);
        await probe.Next<Terminated>();
        IActorRef unsubscriber = await System.ActorSelection("/system/eventStreamUnsubscriber").ResolveOne(Probe.Limit);
        await unsubscriber.Ask<ActorIdentity>(new Identify(1), Probe.Limit);
        Assert.False(System.EventStream.Unsubscribe(mortal));
    }

    [EmbeddedEngineFact("Akka.NET's unsubscriber has another name")]
    public async Task Who_unsubscribes_and_then_ends_leaves_the_stream_in_order()
    {
        Probe probe = NewProbe();
        IActorRef mortal = System.ActorOf(Scripted.Props((_, _) => { }));
        System.EventStream.Subscribe<Animal>(mortal);
        System.EventStream.Unsubscribe(mortal);
        await probe.Watch(mortal);
        System.Stop(mortal);
        await probe.Next<Terminated>();
        IActorRef unsubscriber = await System.ActorSelection("/system/eventStreamUnsubscriber").ResolveOne(Probe.Limit);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(unsubscriber, (await unsubscriber.Ask<ActorIdentity>(new Identify(i), Probe.Limit)).Subject);
        }
    }

    private class Animal
    {
    }

    private interface ICanFly
    {
    }

    private sealed class Bird : Animal, ICanFly
    {
    }
}
