using System.Threading.Tasks.Sources;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// Lets one loop wait until others raise the signal, without an allocation. What was raised while nobody waited ends the next wait. The
/// loop goes on on the thread pool, never inside <see cref="Raise"/>.
/// </summary>
internal sealed class LaneSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Raised = 1;
    private const int Awaited = 2;
    private ManualResetValueTaskSourceCore<bool> _wait;
    private int _state;

    /// <summary>Ends the wait, or the next one.</summary>
    public void Raise()
    {
        // What the waiting loop will look at was written before; without the fence the state could be read first, and the write missed.
        Interlocked.MemoryBarrier();
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state == Raised || (state == Idle && Interlocked.CompareExchange(ref _state, Raised, Idle) == Idle))
            {
                return;
            }

            if (state == Awaited && Interlocked.CompareExchange(ref _state, Idle, Awaited) == Awaited)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
        }
    }

    /// <summary>Waits for the signal and takes it back. By one loop only.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Raised) == Raised)
        {
            return default;
        }

        _wait.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle)
        {
            return new ValueTask(this, _wait.Version);
        }

        Interlocked.Exchange(ref _state, Idle);
        return default;
    }

    void IThreadPoolWorkItem.Execute() => _wait.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);
}
