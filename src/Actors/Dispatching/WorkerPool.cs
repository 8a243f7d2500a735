using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Akka.Dispatch;

namespace Actors.Runtime.Dispatching;

/// <summary>
/// Runs actors on a fixed number of threads, first come, first served, so that actors that do the same at the same time, as the
/// ranks of a step do, stay together and share what the caches hold. Only the actor that was told last goes on in its sender's
/// place, while the message is still in the cache, unless another thread is free to take it.
/// </summary>
internal sealed class WorkerPool : ExecutorService
{
    /// <summary>A thread without work looks for some for 50 µs before it sleeps: waking it costs about as much.</summary>
    private static readonly long LookTicks = Stopwatch.Frequency / 20_000;

    /// <summary>So many turns in a row go to the actor that was told last; then those in the queue come first.</summary>
    private const int LongestStreak = 64;

    [ThreadStatic]
    private static Worker? _current;

    private readonly ConcurrentQueue<IRunnable> _work = [];
    private readonly Lock _gate = new();
    private readonly Stack<Worker> _sleepers = new(); // the last to fall asleep wakes first: its cache is the warmest
    private readonly Worker[] _workers;
    private readonly int _mostLooking;
    private int _looking;
    private volatile int _sleeping;
    private volatile bool _ended;

    /// <summary>Starts the threads.</summary>
    /// <param name="id">The dispatcher's configuration path; names the threads too.</param>
    /// <param name="threads">Number of threads, 1 or more.</param>
    public WorkerPool(string id, int threads)
        : base(id)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);

        // More than half of the threads looking at once slow those that compute and find nothing sooner.
        _mostLooking = Math.Max(1, threads / 2);
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

    /// <summary>Whether a thread could take work at once.</summary>
    private bool HasFreeThread => Volatile.Read(ref _looking) + _sleeping > 0;

    /// <inheritdoc/>
    /// <exception cref="RejectedExecutionException">The pool has ended; the dispatcher tries again with a new one.</exception>
    public override void Execute(IRunnable run)
    {
        // An actor that yields comes back from its own turn: it goes behind the others.
        if (_current is not { } worker || worker.Pool != this || ReferenceEquals(run, worker.Running) || HasFreeThread)
        {
            Share(run);
            return;
        }

        if (Interlocked.Exchange(ref worker.Next, run) is { } before)
        {
            Share(before);
        }

        // Either this sees the thread that became free, or that one, which counted itself before it looked, sees the work.
        if (HasFreeThread && Interlocked.Exchange(ref worker.Next, null) is { } shared)
        {
            Share(shared);
        }
    }

    /// <inheritdoc/>
    public override void Shutdown()
    {
        _ended = true;
        while (WakeOne())
        {
        }
    }

    private void Share(IRunnable run)
    {
        if (_ended)
        {
            throw new RejectedExecutionException($"The dispatcher {Id} has shut down.");
        }

        _work.Enqueue(run);

        // Either this sees no thread looking and wakes one, or the last that looked sees the work when it stops looking.
        Interlocked.MemoryBarrier();
        if (_sleeping > 0 && Volatile.Read(ref _looking) == 0)
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
                worker.Running = run;
                run.Run();
                worker.Running = null;
            }
            else if (_ended && !HasWork())
            {
                // Looked at after the end was seen: what came before it is not left behind.
                return;
            }
            else
            {
                Sleep(worker);
            }
        }
    }

    /// <summary>Takes work, looking for it for a moment.</summary>
    private bool TryTake(Worker worker, [NotNullWhen(true)] out IRunnable? run)
    {
        if (TakeNext(worker, out run) || _work.TryDequeue(out run))
        {
            return true;
        }

        if (Interlocked.Increment(ref _looking) > _mostLooking)
        {
            Interlocked.Decrement(ref _looking);
            return false;
        }

        bool found = Look(out run);
        if (Interlocked.Decrement(ref _looking) == 0 && found && _sleeping > 0 && !_work.IsEmpty)
        {
            WakeOne();
        }

        return found;
    }

    /// <summary>Takes what this thread's last actor told, unless such turns have gone on for too long.</summary>
    private bool TakeNext(Worker worker, [NotNullWhen(true)] out IRunnable? run)
    {
        run = Interlocked.Exchange(ref worker.Next, null);
        if (run is not null)
        {
            if (++worker.Streak <= LongestStreak)
            {
                return true;
            }

            _work.Enqueue(run);
        }

        worker.Streak = 0;
        return false;
    }

    private bool Look([NotNullWhen(true)] out IRunnable? run)
    {
        long end = Stopwatch.GetTimestamp() + LookTicks;
        do
        {
            if (_work.TryDequeue(out run) || TrySteal(out run))
            {
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

    private void Sleep(Worker worker)
    {
        lock (_gate)
        {
            _sleepers.Push(worker);
            _sleeping++;
        }

        // Work that came before the count was seen has no other thread to wake: look once more.
        Interlocked.MemoryBarrier();
        if (_ended || HasWork())
        {
            WakeOne();
        }

        // Ends with the next work that finds no thread looking, or with Shutdown: both wake sleepers.
        worker.WakeUp.Wait();
    }

    private bool HasWork()
    {
        foreach (Worker worker in _workers)
        {
            if (Volatile.Read(ref worker.Next) is not null)
            {
                return true;
            }
        }

        return !_work.IsEmpty;
    }

    /// <summary>
    /// Lets one sleeper look for work; false where none sleeps. It counts as looking only when it runs, 50 µs later: until then a
    /// burst of work wakes a thread for each piece, all at once.
    /// </summary>
    private bool WakeOne()
    {
        Worker worker;
        lock (_gate)
        {
            if (_sleeping == 0)
            {
                return false;
            }

            _sleeping--;
            worker = _sleepers.Pop();
        }

        worker.WakeUp.Release();
        return true;
    }

    /// <summary>What one thread knows.</summary>
    private sealed class Worker(WorkerPool pool)
    {
        public WorkerPool Pool { get; } = pool;

        /// <summary>Taken once a wake-up.</summary>
        public SemaphoreSlim WakeUp { get; } = new(0);

        /// <summary>Whose turn it is; read by the thread itself only.</summary>
        public IRunnable? Running { get; set; }

        /// <summary>The actor that was told last by the one that has the thread; exchanged, since a free thread may take it.</summary>
        public IRunnable? Next;

        /// <summary>Turns since the queue was looked at.</summary>
        public int Streak { get; set; }
    }
}
