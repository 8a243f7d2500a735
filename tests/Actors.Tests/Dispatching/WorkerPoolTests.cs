using System.Collections.Concurrent;
using Actors.Runtime.Dispatching;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace Actors.Runtime.Tests.Dispatching;

/// <summary>Every turn runs once, none waits while a thread is free, and nobody is starved.</summary>
public sealed class WorkerPoolTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Every_turn_runs_once_from_threads_outside_and_inside(int threads)
    {
        const int Outside = 4, Turns = 5_000, Children = 3;
        var pool = new WorkerPool("test", threads);
        using var all = new CountdownEvent(Outside * Turns * (1 + Children));
        int[] runs = new int[Outside * Turns];
        Parallel.For(0, Outside, new ParallelOptions { MaxDegreeOfParallelism = Outside }, producer =>
        {
            for (int turn = 0; turn < Turns; turn++)
            {
                int index = (producer * Turns) + turn;
                pool.Execute(new Turn(() =>
                {
                    for (int child = 0; child < Children; child++)
                    {
                        pool.Execute(new Turn(() => Count(index)));
                    }

                    Count(index);
                }));
            }
        });

        Assert.True(all.Wait(Guard), $"{all.CurrentCount} turns have not run");
        Assert.All(runs, count => Assert.Equal(1 + Children, count));
        pool.Shutdown();

        void Count(int index)
        {
            Interlocked.Increment(ref runs[index]);
            all.Signal();
        }
    }

    [Fact]
    public void What_a_computing_actor_told_last_is_taken_by_a_free_thread()
    {
        var pool = new WorkerPool("test", 2);
        using var told = new ManualResetEventSlim();
        using var ended = new ManualResetEventSlim();
        bool inTime = false;
        pool.Execute(new Turn(() =>
        {
            pool.Execute(new Turn(told.Set));
            inTime = told.Wait(Guard); // computes until the other has run: on this thread it never would
            ended.Set();
        }));

        Assert.True(ended.Wait(2 * Guard));
        Assert.True(inTime);
        pool.Shutdown();
    }

    [Fact]
    public void Two_that_tell_each_other_without_end_let_a_third_run()
    {
        var pool = new WorkerPool("test", 1);
        using var third = new ManualResetEventSlim();
        bool stop = false;
        Turn ping = null!, pong = null!;
        ping = new Turn(() => Again(pong));
        pong = new Turn(() => Again(ping));
        pool.Execute(ping);
        pool.Execute(new Turn(third.Set));

        Assert.True(third.Wait(Guard));
        Volatile.Write(ref stop, true);
        pool.Shutdown();

        void Again(Turn other)
        {
            if (!Volatile.Read(ref stop))
            {
                pool.Execute(other);
            }
        }
    }

    [Fact]
    public void An_actor_that_yields_goes_behind_the_others()
    {
        var pool = new WorkerPool("test", 1);
        using var begin = new ManualResetEventSlim();
        using var ended = new ManualResetEventSlim();
        var order = new ConcurrentQueue<string>();
        int turns = 0;
        Turn yielding = null!;
        yielding = new Turn(() =>
        {
            begin.Wait(Guard);
            order.Enqueue("yielding");
            if (++turns < 2)
            {
                pool.Execute(yielding);
            }
            else
            {
                ended.Set();
            }
        });
        pool.Execute(yielding);
        pool.Execute(new Turn(() => order.Enqueue("other")));
        begin.Set();

        Assert.True(ended.Wait(Guard));
        Assert.Equal(["yielding", "other", "yielding"], order);
        pool.Shutdown();
    }

    [Fact]
    public void An_ended_pool_runs_what_it_has_and_refuses_more()
    {
        var pool = new WorkerPool("test", 1);
        using var begin = new ManualResetEventSlim();
        using var last = new ManualResetEventSlim();
        pool.Execute(new Turn(() => begin.Wait(Guard)));
        pool.Execute(new Turn(last.Set));
        pool.Shutdown();

        Assert.Throws<RejectedExecutionException>(() => pool.Execute(new Turn(() => { })));
        begin.Set();
        Assert.True(last.Wait(Guard));
    }

    [Fact]
    public async Task A_systems_actors_run_on_the_named_number_of_threads()
    {
        using ActorSystem system = ActorSystem.Create("pool", RankDispatcher.For(ranks: 8, threads: 3));
        var threads = new ConcurrentDictionary<string, bool>();
        using var meeting = new Barrier(3);
        IActorRef[] actors = [.. Enumerable.Range(0, 3).Select(_ => system.ActorOf(Props.Create(() => new Meeting(meeting, threads))))];
        await Task.WhenAll(actors.Select(actor => actor.Ask<bool>("meet", Guard)));

        Assert.Equal(3, threads.Count);
        Assert.All(threads.Keys, name => Assert.StartsWith("akka.actor.default-dispatcher-", name, StringComparison.Ordinal));
    }

    [Fact]
    public void One_thread_a_rank_and_never_more_than_processors()
    {
        Assert.Equal(1, Threads(RankDispatcher.For(1)));
        Assert.Equal(Environment.ProcessorCount, Threads(RankDispatcher.For(100_000)));
        Assert.Equal(5, Threads(RankDispatcher.For(1, threads: 5)));
    }

    [Fact]
    public async Task What_moves_rows_runs_beside_what_computes_where_processors_are_left()
    {
        using ActorSystem system = ActorSystem.Create("pool", RankDispatcher.For(ranks: 2, threads: 1, channelThreads: 2));
        var threads = new ConcurrentDictionary<string, bool>();
        using var meeting = new Barrier(2);
        Props props = Props.Create(() => new Meeting(meeting, threads));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ =>
            system.ActorOf(RankDispatcher.BesideComputation(props, system)).Ask<bool>("meet", Guard)));

        Assert.Equal(2, threads.Count);
        Assert.All(threads.Keys, name => Assert.StartsWith("akka.actor.channel-dispatcher-", name, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_processors_left_rows_are_moved_by_the_threads_that_compute()
    {
        using ActorSystem system = ActorSystem.Create("pool", RankDispatcher.For(ranks: Environment.ProcessorCount));
        Props props = Props.Create(() => new Meeting(null!, null!));

        Assert.Same(props, RankDispatcher.BesideComputation(props, system));
        Assert.Equal(7, RankDispatcher.For(1, threads: 1, channelThreads: 7).GetInt("akka.actor.channel-dispatcher.threads"));
    }

    private static int Threads(Config config) => config.GetInt("akka.actor.default-dispatcher.threads");

    private sealed class Turn(Action run) : IRunnable
    {
        public void Run() => run();

        public void Execute() => run();
    }

    /// <summary>Holds its thread until as many others hold theirs.</summary>
    private sealed class Meeting : ReceiveActor
    {
        public Meeting(Barrier meeting, ConcurrentDictionary<string, bool> threads) => Receive<string>(_ =>
        {
            threads.TryAdd(Thread.CurrentThread.Name ?? "", true);
            Sender.Tell(meeting.SignalAndWait(Guard));
        });
    }
}
