using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class StashTests : EngineTest
{
    [Fact]
    public async Task Unstashed_messages_come_before_the_mailbox_in_their_order()
    {
        Probe probe = NewProbe();
        bool open = false;
        IActorRef actor = System.ActorOf(Scripted.Props((a, message) =>
        {
            if (message is "open")
            {
                open = true;
                a.Stash.UnstashAll();
            }
            else if (open)
            {
                probe.Ref.Tell(message);
            }
            else
            {
                a.Stash.Stash();
            }
        }));
        foreach (object message in new object[] { 1, 2, 3, "open", 4 })
        {
            actor.Tell(message);
        }

        await probe.Expect(1, 2, 3, 4);
    }

    [Fact]
    public async Task Unstash_takes_one_and_a_stashed_message_keeps_its_sender()
    {
        Probe probe = NewProbe();
        Probe other = NewProbe();
        int seen = 0;
        IActorRef actor = System.ActorOf(Scripted.Props((a, message) =>
        {
            if (message is "next")
            {
                a.Stash.Unstash();
            }
            else if (++seen <= 2)
            {
                a.Stash.Stash();
            }
            else
            {
                a.Sender.Tell(message);
            }
        }));
        actor.Tell(1, probe.Ref);
        actor.Tell(2, other.Ref);
        actor.Tell("next");
        await probe.Expect(1);
        await other.ExpectNothingMore();
    }

    [Fact]
    public async Task One_message_cannot_be_stashed_twice()
    {
        Probe probe = NewProbe();
        System.ActorOf(Scripted.Props((a, _) =>
        {
            a.Stash.Stash();
            probe.Ref.Tell(Record.Exception(a.Stash.Stash)!);
        })).Tell(1);
        await probe.Next<IllegalActorStateException>();
    }

    [EmbeddedEngineFact("Akka.NET does not limit an unbounded stash, whatever its capacity")]
    public async Task A_full_stash_refuses()
    {
        Probe probe = NewProbe();
        IActorRef actor = System.ActorOf(Scripted.Props((a, _) => probe.Ref.Tell(Record.Exception(a.Stash.Stash) ?? (object)a.Stash.Count)).WithStashCapacity(2));
        for (int i = 0; i < 3; i++)
        {
            actor.Tell(i);
        }

        await probe.Expect(1, 2);
        await probe.Next<StashOverflowException>();
    }

    [Fact]
    public async Task A_restart_puts_stashed_messages_back()
    {
        Probe probe = NewProbe();
        bool failed = false;
        IActorRef actor = System.ActorOf(Scripted.Props((a, message) =>
        {
            if (message is "fail")
            {
                failed = true;
                throw new InvalidOperationException();
            }

            if (failed)
            {
                probe.Ref.Tell(message);
            }
            else
            {
                a.Stash.Stash();
            }
        }));
        actor.Tell(1);
        actor.Tell(2);
        actor.Tell("fail");
        actor.Tell(3);
        await probe.Expect(1, 2, 3);
    }
}
