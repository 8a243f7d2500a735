using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class TellTests : EngineTest
{
    [Fact]
    public async Task Messages_of_one_sender_arrive_in_order()
    {
        Probe probe = NewProbe();
        for (int i = 0; i < 1000; i++)
        {
            probe.Ref.Tell(i);
        }

        for (int i = 0; i < 1000; i++)
        {
            await probe.Expect(i);
        }
    }

    [Fact]
    public async Task The_sender_is_the_actor_that_tells()
    {
        Probe probe = NewProbe();
        IActorRef relay = System.ActorOf(Scripted.Props((_, message) => probe.Ref.Tell(message)));
        relay.Tell("hello");
        await probe.Expect("hello");
        Assert.Equal(relay, probe.LastSender);
    }

    [Fact]
    public async Task A_forwarded_message_keeps_its_sender()
    {
        Probe origin = NewProbe();
        Probe probe = NewProbe();
        IActorRef relay = System.ActorOf(Scripted.Props((_, message) => probe.Ref.Forward(message)));
        relay.Tell("hello", origin.Ref);
        await probe.Expect("hello");
        Assert.Equal(origin.Ref, probe.LastSender);
    }

    [Fact]
    public async Task An_answer_to_no_sender_is_a_dead_letter()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<DeadLetter>(probe.Ref);
        IActorRef answering = System.ActorOf(Scripted.Props((actor, _) => actor.Sender.Tell("answer")));
        answering.Tell("question", ActorRefs.NoSender);
        DeadLetter letter = await probe.Next<DeadLetter>();
        Assert.Equal("answer", letter.Message);
        Assert.Equal(answering, letter.Sender);
    }

    [EmbeddedEngineFact("Akka.NET drops a null message")]
    public void Null_cannot_be_told() =>
        Assert.Throws<InvalidMessageException>(() => NewProbe().Ref.Tell(null!, ActorRefs.NoSender));

    [Fact]
    public async Task An_unhandled_message_is_published()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<UnhandledMessage>(probe.Ref);
        IActorRef refusing = System.ActorOf(Scripted.Props((actor, message) => actor.Unhandled(message)));
        refusing.Tell("what");
        UnhandledMessage unhandled = await probe.Next<UnhandledMessage>();
        Assert.Equal(("what", refusing), (unhandled.Message, unhandled.Recipient));
    }

    [Fact]
    public void Nobody_and_no_sender_are_nobody()
    {
        Assert.True(ActorRefs.Nobody.IsNobody());
        Assert.True(ActorRefs.NoSender.IsNobody());
        Assert.False(NewProbe().Ref.IsNobody());
    }
}
