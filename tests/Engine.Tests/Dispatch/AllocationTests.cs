using Akka.Actor;

namespace Akka.Tests.Dispatch;

/// <summary>Counts what the whole process allocates, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests : EngineTest
{
    private const int Messages = 200_000;

    // What the test itself makes (a task, a signal) and what the thread pool may add, far below one object a message.
    private const long AllowedBytes = 64 * 1024;

    [Fact]
    public async Task A_conversation_allocates_nothing_per_message()
    {
        IActorRef pong = System.ActorOf(Props.Create(() => new Pong()));
        IActorRef ping = System.ActorOf(Props.Create(() => new Ping(pong)));
        await Converse(ping);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await Converse(ping);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(allocated < AllowedBytes, $"{allocated} bytes for {Messages} messages");
    }

    [Fact]
    public async Task Telling_allocates_nothing_on_the_sending_thread()
    {
        IActorRef sink = System.ActorOf(Props.Create(() => new Sink()));
        object message = new();
        for (int i = 0; i < Messages; i++)
        {
            sink.Tell(message, ActorRefs.NoSender); // the ring grows to hold the backlog
        }

        long allocated = 0;
        for (int burst = 0; burst < 20; burst++)
        {
            await sink.Ask<string>("done", Probe.Limit); // the ring is empty again
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Messages / 20; i++)
            {
                sink.Tell(message, ActorRefs.NoSender);
            }

            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // The thread pool's own queue takes a few hundred bytes now and then; one object a message would be millions.
        Assert.InRange(allocated, 0, 20 * 1024);
    }

    private static Task Converse(IActorRef ping)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ping.Tell(done, ActorRefs.NoSender);
        return done.Task.WaitAsync(Probe.Limit);
    }

    private sealed class Ball
    {
        public static readonly Ball Instance = new();
    }

    private sealed class Pong : ReceiveActor
    {
        public Pong() => Receive<Ball>(ball => Sender.Tell(ball, Self));
    }

    private sealed class Ping : ReceiveActor
    {
        private const int Balls = 8;

        private TaskCompletionSource? _done;
        private int _left;
        private int _flying;

        public Ping(IActorRef pong)
        {
            Receive<TaskCompletionSource>(done =>
            {
                _done = done;
                _left = (Messages / 2) - Balls;
                _flying = Balls;
                for (int i = 0; i < Balls; i++)
                {
                    pong.Tell(Ball.Instance, Self);
                }
            });
            Receive<Ball>(ball =>
            {
                if (_left > 0)
                {
                    _left--;
                    pong.Tell(ball, Self);
                }
                else if (--_flying == 0)
                {
                    _done!.SetResult();
                }
            });
        }
    }

    private sealed class Sink : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is string)
            {
                Sender.Tell(message);
            }
        }
    }
}
