using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Akka.Dispatch;

/// <summary>
/// Runs actors on threads of its own: one for a pinned actor, a fixed number for a shared pool. First come, first served, so that
/// actors that do the same at the same time, as the ranks of a step do, stay together and share what the caches hold; only
/// whom an actor told last goes on in its place, with what it was told still warm, unless a thread is idle.
/// </summary>
internal sealed class DedicatedThreadsDispatcher : MessageDispatcher
{
    /// <summary>A thread without work looks for some for 50 µs before it sleeps: to wake it costs about as much.</summary>
    private static readonly long LookTicks = Stopwatch.Frequency / 20_000;

    /// <summary>So many turns one after the other go to whom the last actor told; then those in the queue come first.</summary>
    private const int LongestStreak = 64;

    [ThreadStatic]
    private static Worker? _current;

    private readonly ConcurrentQueue<IRunnable> _work = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wakeUp = new(0);
    private readonly Worker[] _workers;
    private readonly bool _endsWithItsActor;
    private int _idle;
    private volatile int _sleeping;
    private volatile bool _ended;

    /// <param name="id">The dispatcher's configuration path; names the threads too.</param>
    /// <param name="threads">Number of threads.</param>
    /// <param name="endsWithItsActor">Whether the threads serve a single actor and end when it does.</param>
    public DedicatedThreadsDispatcher(string id, int threads, bool endsWithItsActor)
        : base(id)
    {
        _endsWithItsActor = endsWithItsActor;
        _workers = new Worker[threads];
        for (int i = 0; i < threads; i++)
        {
            _workers[i] = new Worker(this);
        }

        for (int i = 0; i < threads; i++)
        {
            Worker worker = _workers[i];
            new Thread(() => RunLoop(worker)) { IsBackground = true, Name = $"{id}-{i}" }.Start();
        }
    }

    internal override void Execute(Mailbox mailbox, bool yields)
    {
        if (yields || _current is not { } worker || worker.Dispatcher != this || Volatile.Read(ref _idle) > 0)
        {
            ExecuteTask(mailbox);
            return;
        }

        if (Interlocked.Exchange(ref worker.Next, mailbox) is { } before)
        {
            ExecuteTask(before);
        }

        // Either this sees the thread that became idle, or that one, which counted itself before it looked, sees the mailbox.
        if (Volatile.Read(ref _idle) > 0 && Interlocked.Exchange(ref worker.Next, null) is { } shared)
        {
            ExecuteTask(shared);
        }
    }

    internal override void Detach()
    {
        if (_endsWithItsActor)
        {
            Shutdown();
        }
    }

    internal override void Shutdown()
    {
        _ended = true;
        while (WakeOne())
        {
        }
    }

    protected override void ExecuteTask(IRunnable run)
    {
        if (_ended)
        {
            return;
        }

        _work.Enqueue(run);

        // Either this sees the sleeper, or the sleeper, which counted itself before its last look, sees the work.
        Interlocked.MemoryBarrier();
        if (_sleeping > 0)
        {
            WakeOne();
        }
    }

    private void RunLoop(Worker worker)
    {
        _current = worker;
        while (true)
        {
            if (TryTake(worker, out IRunnable? run))
            {
                run.Run();
            }
            else if (_ended)
            {
                return;
            }
            else
            {
                Sleep();
                Interlocked.Decrement(ref _idle);
            }
        }
    }

    /// <summary>Takes work, waiting awake for a moment; without any, the thread stays counted as idle.</summary>
    private bool TryTake(Worker worker, [NotNullWhen(true)] out IRunnable? run)
    {
        if (Interlocked.Exchange(ref worker.Next, null) is { } next)
        {
            if (++worker.Streak <= LongestStreak)
            {
                run = next;
                return true;
            }

            _work.Enqueue(next);
        }

        worker.Streak = 0;
        if (_work.TryDequeue(out run))
        {
            return true;
        }

        Interlocked.Increment(ref _idle);
        long end = Stopwatch.GetTimestamp() + LookTicks;
        do
        {
            if (_work.TryDequeue(out run) || TrySteal(out run))
            {
                Interlocked.Decrement(ref _idle);
                return true;
            }

            Thread.SpinWait(8);
        }
        while (!_ended && Stopwatch.GetTimestamp() < end);

        return false;
    }

    /// <summary>Takes what waits for another thread, whose actor may compute for long or wait for just that.</summary>
    private bool TrySteal([NotNullWhen(true)] out IRunnable? run)
    {
        foreach (Worker other in _workers)
        {
            if (Volatile.Read(ref other.Next) is not null && Interlocked.Exchange(ref other.Next, null) is { } next)
            {
                run = next;
                return true;
            }
        }

        run = null;
        return false;
    }

    private void Sleep()
    {
        lock (_gate)
        {
            _sleeping++;
        }

        Interlocked.MemoryBarrier();
        if (_ended || !_work.IsEmpty)
        {
            WakeOne();
        }

        _wakeUp.Wait();
    }

    /// <summary>Lets one sleeper go on; says whether there was one.</summary>
    private bool WakeOne()
    {
        lock (_gate)
        {
            if (_sleeping == 0)
            {
                return false;
            }

            _sleeping--;
        }

        _wakeUp.Release();
        return true;
    }

    /// <summary>What one thread knows.</summary>
    private sealed class Worker(DedicatedThreadsDispatcher dispatcher)
    {
        public DedicatedThreadsDispatcher Dispatcher { get; } = dispatcher;

        /// <summary>Who was told last by the actor that has the thread; exchanged, since an idle thread may take it.</summary>
        public IRunnable? Next;

        /// <summary>Turns since the queue was looked at.</summary>
        public int Streak { get; set; }
    }
}
