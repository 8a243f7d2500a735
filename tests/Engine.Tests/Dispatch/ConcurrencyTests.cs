using Akka.Actor;

namespace Akka.Tests.Dispatch;

public sealed class ConcurrencyTests : EngineTest
{
    private const int Senders = 8;
    private const int Each = 25_000;

    [Theory]
    [InlineData("akka.actor.default-dispatcher")]
    [InlineData("pool")]
    public async Task An_actor_is_never_run_by_two_threads_and_keeps_each_senders_order(string dispatcher)
    {
        TaskCompletionSource<string> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef actor = System.ActorOf(Props.Create(() => new Single(outcome)).WithDispatcher(dispatcher));
        SendFromManyThreads(actor);
        Assert.Equal("in order", await outcome.Task.WaitAsync(Probe.Limit));
    }

    [Fact]
    public async Task Restarts_under_load_lose_nothing_but_the_failing_messages()
    {
        TaskCompletionSource<string> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Failing.Received = 0;
        IActorRef actor = System.ActorOf(Props.Create(() => new Failing(outcome)));
        SendFromManyThreads(actor);
        Assert.Equal("all", await outcome.Task.WaitAsync(Probe.Limit));
    }

    [Fact]
    public async Task Actors_that_are_made_and_stopped_by_the_thousand_all_end()
    {
        const int Count = 5000;
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = Count;
        IActorRef parent = System.ActorOf(Scripted.Props((actor, message) =>
        {
            if (message is Terminated)
            {
                if (--left == 0)
                {
                    all.SetResult();
                }

                return;
            }

            for (int i = 0; i < Count; i++)
            {
                IActorRef child = actor.Context.Watch(actor.Context.ActorOf(Scripted.Props((_, _) => { })));
                child.Tell(PoisonPill.Instance);
            }
        }));
        parent.Tell("go");
        await all.Task.WaitAsync(Probe.Limit);
    }

    [Fact]
    public async Task Every_message_to_a_stopping_actor_is_handled_or_a_dead_letter()
    {
        for (int round = 0; round < 20; round++)
        {
            int handled = 0;
            int undelivered = 0;
            TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
            const int Total = 4000;
            void Count(ref int counter)
            {
                Interlocked.Increment(ref counter);
                if (Volatile.Read(ref handled) + Volatile.Read(ref undelivered) == Total)
                {
                    complete.TrySetResult();
                }
            }

            IActorRef listener = System.ActorOf(Scripted.Props((_, _) => Count(ref undelivered)));
            System.EventStream.Subscribe(listener, typeof(Akka.Event.DeadLetter));
            IActorRef actor = System.ActorOf(Scripted.Props((_, _) => Count(ref handled)));
            await Task.WhenAll(
                Task.Run(() => SendMany(actor, Total / 2)),
                Task.Run(() => SendMany(actor, Total / 2)),
                Task.Run(() => System.Stop(actor)));
            await complete.Task.WaitAsync(Probe.Limit);
            System.EventStream.Unsubscribe(listener);
            Assert.Equal(Total, handled + undelivered);
        }
    }

    protected override string Settings => "pool { type = ForkJoinDispatcher, dedicated-thread-pool.thread-count = 3 }";

    private static void SendMany(IActorRef actor, int count)
    {
        for (int i = 0; i < count; i++)
        {
            actor.Tell(i, ActorRefs.NoSender);
        }
    }

    private static void SendFromManyThreads(IActorRef actor)
    {
        Parallel.For(0, Senders, new ParallelOptions { MaxDegreeOfParallelism = Senders }, sender =>
        {
            for (int i = 0; i < Each; i++)
            {
                actor.Tell((sender, i), ActorRefs.NoSender);
            }
        });
    }

    private sealed class Single(TaskCompletionSource<string> outcome) : UntypedActor
    {
        private readonly int[] _next = new int[Senders];
        private int _inside; // written without a lock: two threads at once would lose or repeat a count
        private int _total;

        protected override void OnReceive(object message)
        {
            if (++_inside != 1)
            {
                outcome.TrySetResult("two threads at once");
            }

            (int sender, int number) = ((int, int))message;
            if (_next[sender]++ != number)
            {
                outcome.TrySetResult($"sender {sender} out of order at {number}");
            }

            if (++_total == Senders * Each)
            {
                outcome.TrySetResult("in order");
            }

            _inside--;
        }
    }

    private sealed class Failing(TaskCompletionSource<string> outcome) : UntypedActor
    {
        public static int Received;

        protected override void OnReceive(object message)
        {
            if (++Received == Senders * Each)
            {
                outcome.TrySetResult("all");
            }

            if (Received % 100 == 0)
            {
                throw new InvalidOperationException("every hundredth message fails");
            }
        }
    }
}
