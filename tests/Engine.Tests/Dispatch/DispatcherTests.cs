using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Tests.Dispatch;

public sealed class DispatcherTests : EngineTest
{
    protected override string Settings => """
        pinned { type = PinnedDispatcher }
        pool { type = ForkJoinDispatcher, dedicated-thread-pool.thread-count = 2, throughput = 7 }
        wrong-type { type = Steam }
        wrong-throughput { throughput = 0 }
        small { mailbox-type = "Akka.Dispatch.BoundedMailbox, Akka", mailbox-capacity = 2, mailbox-push-timeout-time = 0s }
        empty { mailbox-type = "Akka.Dispatch.BoundedMailbox, Akka", mailbox-capacity = 0 }
        wrong-mailbox { mailbox-type = Sack }
        akka.actor.deployment {
          /deployed { dispatcher = pool, mailbox = small }
          "/parent/*" { dispatcher = pinned }
        }
        """;

    [Fact]
    public async Task A_pinned_actor_has_one_thread_of_its_own()
    {
        HashSet<int> threads = [];
        IActorRef first = System.ActorOf(Threads().WithDispatcher("pinned"));
        IActorRef second = System.ActorOf(Threads().WithDispatcher("pinned"));
        for (int i = 0; i < 5; i++)
        {
            threads.Add(await first.Ask<int>("thread", Probe.Limit));
        }

        Assert.Single(threads);
        Assert.DoesNotContain(await second.Ask<int>("thread", Probe.Limit), threads);
    }

    [Fact]
    public async Task A_pool_has_as_many_threads_as_it_says()
    {
        HashSet<int> threads = [];
        for (int i = 0; i < 20; i++)
        {
            threads.Add(await System.ActorOf(Threads().WithDispatcher("pool")).Ask<int>("thread", Probe.Limit));
        }

        Assert.InRange(threads.Count, 1, 2);
        Assert.Equal(7, System.Dispatchers.Lookup("pool").Throughput);
    }

    [Fact]
    public async Task Whom_an_actor_told_runs_on_another_thread_of_the_pool_while_it_waits()
    {
        using ManualResetEventSlim occupied = new(), told = new(), ran = new();
        IActorRef other = System.ActorOf(Scripted.Props((_, _) =>
        {
            occupied.Set();
            told.Wait(Probe.Limit);
        }).WithDispatcher("pool"));
        IActorRef answering = System.ActorOf(Scripted.Props((_, _) => ran.Set()).WithDispatcher("pool"));
        IActorRef waiting = System.ActorOf(Scripted.Props((actor, _) =>
        {
            bool isOccupied = occupied.Wait(Probe.Limit);
            answering.Tell("run");
            told.Set();
            actor.Sender.Tell(isOccupied && ran.Wait(Probe.Limit));
        }).WithDispatcher("pool"));
        other.Tell("occupy the second thread");

        Assert.True(await waiting.Ask<bool>("wait", Probe.Limit * 3));
    }

    [EmbeddedEngineFact("Akka.NET refuses a bounded mailbox to an actor with an unbounded stash")]
    public async Task The_deployment_goes_before_the_recipe()
    {
        Props naming = Scripted.Props((actor, _) => actor.Sender.Tell(actor.Context.Dispatcher.Id));
        Assert.Equal("pool", await System.ActorOf(naming.WithDispatcher("pinned"), "deployed").Ask<string>("which", Probe.Limit));
        IActorRef parent = System.ActorOf(Scripted.Props((actor, message) => actor.Context.ActorOf((Props)message).Forward("which")), "parent");
        Assert.Equal("pinned", await parent.Ask<string>(naming, Probe.Limit));
        Assert.Equal("akka.actor.default-dispatcher", await System.ActorOf(naming).Ask<string>("which", Probe.Limit));
    }

    [EmbeddedEngineTheory("Akka.NET names the actor and not the setting")]
    [InlineData("none", "none")]
    [InlineData("wrong-type", "Steam")]
    [InlineData("wrong-throughput", "throughput")]
    public void A_dispatcher_that_is_not_there_or_wrong_is_named(string id, string named) =>
        Assert.Contains(
            named, Assert.Throws<ConfigurationException>(() => System.ActorOf(Threads().WithDispatcher(id))).Message, StringComparison.Ordinal);

    [EmbeddedEngineTheory("Akka.NET names the actor and not the setting")]
    [InlineData("none", "none")]
    [InlineData("wrong-mailbox", "Sack")]
    [InlineData("empty", "mailbox-capacity")]
    public void A_mailbox_that_is_not_there_or_wrong_is_named(string id, string named) =>
        Assert.Contains(named, Assert.Throws<ConfigurationException>(() => System.ActorOf(Threads().WithMailbox(id))).Message, StringComparison.Ordinal);

    [EmbeddedEngineFact("Akka.NET refuses a bounded mailbox to an actor with an unbounded stash")]
    public async Task What_a_full_mailbox_refuses_is_a_dead_letter()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<DeadLetter>(probe.Ref);
        TaskCompletionSource gate = new();
        TaskCompletionSource blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef actor = System.ActorOf(Scripted.Props((_, message) =>
        {
            if (message is "block")
            {
                blocked.SetResult();
                gate.Task.GetAwaiter().GetResult();
            }
        }).WithMailbox("small"));
        actor.Tell("block");
        await blocked.Task.WaitAsync(Probe.Limit);
        for (int i = 0; i < 4; i++)
        {
            actor.Tell(i);
        }

        Assert.Equal(2, (await probe.Next<DeadLetter>()).Message);
        Assert.Equal(3, (await probe.Next<DeadLetter>()).Message);
        gate.SetResult();
    }

    [Fact]
    public async Task Work_can_be_given_to_a_dispatcher()
    {
        TaskCompletionSource ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
        System.Dispatchers.DefaultGlobalDispatcher.Schedule(ran.SetResult);
        await ran.Task.WaitAsync(Probe.Limit);
    }

    private static Props Threads() => Scripted.Props((actor, _) => actor.Sender.Tell(Environment.CurrentManagedThreadId));
}
