using Actors.Gpu.Driver;

namespace Actors.Gpu.Backend;

/// <summary>
/// Tells completions of a GPU's streams. A stream writes a number into pinned memory when it reaches a completion, and one thread reads those numbers:
/// the driver's callbacks would hold up the stream, and must not call the driver.
/// </summary>
internal sealed class CompletionPoller : IDisposable
{
    private const int SpinsBeforeSleep = 2000;

    /// <summary>How often a stream that is late is asked whether it has failed: what has failed never writes its number.</summary>
    private static readonly TimeSpan FailureCheck = TimeSpan.FromMilliseconds(50);

    private readonly CudaContext _context;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _work = new();
    private readonly Thread _thread;
    private volatile CompletionList[] _lists = [];
    private volatile bool _ends;

    public CompletionPoller(CudaContext context)
    {
        _context = context;
        _thread = new Thread(Poll) { IsBackground = true, Name = $"completions of GPU {context.Device.Number}" };
        _thread.Start();
    }

    /// <summary>Makes a stream's list.</summary>
    public CompletionList Open(CudaQueue queue)
    {
        var list = new CompletionList(queue, _work);
        lock (_gate)
        {
            _lists = [.. _lists, list];
        }

        return list;
    }

    /// <summary>Forgets a stream's list: everything on it has been told.</summary>
    public void Close(CompletionList list)
    {
        lock (_gate)
        {
            _lists = [.. _lists.Where(other => other != list)];
        }

        list.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ends = true;
        _work.Set();
        _thread.Join();
        _work.Dispose();
    }

    private void Poll()
    {
        _context.Enter();
        int idle = 0;
        long checkedAt = Environment.TickCount64;
        while (!_ends)
        {
            bool isPending = false, hasTold = false;
            bool checksFailure = Environment.TickCount64 - checkedAt > FailureCheck.TotalMilliseconds;
            checkedAt = checksFailure ? Environment.TickCount64 : checkedAt;
            foreach (CompletionList list in _lists)
            {
                hasTold |= list.Tell(checksFailure);
                isPending |= list.IsPending;
            }

            if (hasTold)
            {
                idle = 0;
            }
            else if (!isPending)
            {
                WaitForWork();
            }
            else if (++idle > SpinsBeforeSleep)
            {
                Thread.Sleep(0);
            }
            else
            {
                Thread.SpinWait(20);
            }
        }
    }

    private void WaitForWork()
    {
        _work.Reset();
        foreach (CompletionList list in _lists)
        {
            // What was added between the look and the reset has set it before: it is seen here.
            if (list.IsPending)
            {
                return;
            }
        }

        if (!_ends)
        {
            // What is added, and the end, wake it.
            _work.Wait();
        }
    }
}
