using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Akka.Dispatch;

/// <summary>
/// Runs actors on threads of its own: one for a pinned actor, a fixed number for a shared pool. First come, first served:
/// actors that do the same at the same time, as the ranks of a step do, stay together and share what the caches hold.
/// </summary>
internal sealed class DedicatedThreadsDispatcher : MessageDispatcher
{
    /// <summary>A thread without work looks for some for 50 µs before it sleeps: to wake it costs about as much.</summary>
    private static readonly long LookTicks = Stopwatch.Frequency / 20_000;

    private readonly ConcurrentQueue<IRunnable> _work = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wakeUp = new(0);
    private readonly bool _endsWithItsActor;
    private volatile int _sleeping;
    private volatile bool _ended;

    /// <param name="id">The dispatcher's configuration path; names the threads too.</param>
    /// <param name="threads">Number of threads.</param>
    /// <param name="endsWithItsActor">Whether the threads serve a single actor and end when it does.</param>
    public DedicatedThreadsDispatcher(string id, int threads, bool endsWithItsActor)
        : base(id)
    {
        _endsWithItsActor = endsWithItsActor;
        for (int i = 0; i < threads; i++)
        {
            new Thread(RunLoop) { IsBackground = true, Name = $"{id}-{i}" }.Start();
        }
    }

    internal override void Execute(Mailbox mailbox, bool yields) => ExecuteTask(mailbox);

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

    private void RunLoop()
    {
        while (true)
        {
            if (TryTake(out IRunnable? run))
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
            }
        }
    }

    /// <summary>Takes work, waiting awake for a moment.</summary>
    private bool TryTake([NotNullWhen(true)] out IRunnable? run)
    {
        if (_work.TryDequeue(out run))
        {
            return true;
        }

        long end = Stopwatch.GetTimestamp() + LookTicks;
        while (!_ended && Stopwatch.GetTimestamp() < end)
        {
            Thread.SpinWait(8);
            if (_work.TryDequeue(out run))
            {
                return true;
            }
        }

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
}
