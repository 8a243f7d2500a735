using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class DeathWatchTests : EngineTest
{
    [Fact]
    public async Task A_watcher_is_told_once_of_an_end()
    {
        Probe probe = NewProbe();
        IActorRef subject = Idle();
        await probe.Watch(subject);
        await probe.Watch(subject);
        System.Stop(subject);
        await probe.Expect(new Terminated(subject, true, false));
        await probe.ExpectNothingMore();
    }

    [Fact]
    public async Task Watching_who_is_gone_already_tells_at_once()
    {
        Probe probe = NewProbe();
        IActorRef subject = Idle();
        await subject.GracefulStop(Probe.Limit);
        await probe.Watch(subject);
        await probe.Expect(new Terminated(subject, false, false));
    }

    [Fact]
    public async Task Unwatch_takes_back_even_what_is_in_the_mailbox()
    {
        Probe probe = NewProbe();
        IActorRef subject = Idle();
        IActorRef watcher = System.ActorOf(Scripted.Props((actor, message) =>
        {
            switch (message)
            {
                case "watch":
                    actor.Context.Watch(subject);
                    actor.Context.Stop(subject);
                    actor.Sender.Tell("watching");
                    break;
                case Task gone:
                    gone.GetAwaiter().GetResult(); // Terminated lies in the mailbox behind this message
                    actor.Context.Unwatch(subject);
                    break;
                default:
                    probe.Ref.Tell(message);
                    break;
            }
        }));
        await probe.Watch(subject);
        TaskCompletionSource gate = new();
        watcher.Tell("watch");
        watcher.Tell(gate.Task);
        await probe.Next<Terminated>();
        gate.SetResult();
        await watcher.Ask<ActorIdentity>(new Identify(1), Probe.Limit);
        watcher.Tell("mark");
        await probe.Expect("mark");
    }

    [Fact]
    public async Task Watch_with_delivers_the_given_message()
    {
        Probe probe = NewProbe();
        IActorRef subject = Idle();
        IActorRef watcher = System.ActorOf(Scripted.Props((actor, message) =>
        {
            if (message is "watch")
            {
                actor.Context.WatchWith(subject, "it is gone");
                actor.Context.Stop(subject);
            }
            else
            {
                probe.Ref.Tell(message);
            }
        }));
        watcher.Tell("watch");
        await probe.Expect("it is gone");
    }

    [EmbeddedEngineFact("Akka.NET ignores a second watch, whatever its message")]
    public async Task Watching_again_with_another_message_is_refused()
    {
        Probe probe = NewProbe();
        IActorRef subject = Idle();
        System.ActorOf(Scripted.Props((actor, _) =>
        {
            actor.Context.Watch(subject);
            probe.Ref.Tell(Record.Exception(() => actor.Context.WatchWith(subject, "other"))!);
        })).Tell("go");
        await probe.Next<InvalidOperationException>();
    }

    [Fact]
    public async Task An_unhandled_end_is_a_broken_pact_that_stops_the_watcher()
    {
        Probe probe = NewProbe();
        IActorRef subject = Idle();
        IActorRef watcher = System.ActorOf(Scripted.Props((actor, message) =>
        {
            if (message is "watch")
            {
                actor.Context.Watch(subject);
                actor.Context.Stop(subject);
            }
            else
            {
                actor.Unhandled(message);
            }
        }));
        await probe.Watch(watcher);
        watcher.Tell("watch");
        await probe.Expect(new Terminated(watcher, true, false));
    }

    [Fact]
    public async Task A_parent_that_watches_its_child_is_told_once()
    {
        Probe probe = NewProbe();
        IActorRef parent = System.ActorOf(Scripted.Props((actor, message) =>
        {
            if (message is "make")
            {
                IActorRef child = actor.Context.Watch(actor.Context.ActorOf(Scripted.Props((_, _) => { })));
                child.Tell(PoisonPill.Instance);
            }
            else
            {
                probe.Ref.Tell("told");
            }
        }));
        parent.Tell("make");
        await probe.Expect("told");
        await parent.Ask<ActorIdentity>(new Identify(1), Probe.Limit);
        await probe.ExpectNothingMore();
    }

    private IActorRef Idle() => System.ActorOf(Scripted.Props((_, _) => { }));
}
