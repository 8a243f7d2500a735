using System.Threading.Tasks.Sources;

namespace Actors.Runtime.Peers.Lanes;

/// <summary>
/// Lets a loop that never had to wait give its thread to the pool's other work now and then: with more busy lanes than threads the control
/// lanes would else not be read in time. Allocates nothing.
/// </summary>
internal sealed class LaneTurn : IValueTaskSource, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<bool> _wait;
    private long _moved;

    /// <summary>Counts bytes, and waits for a new turn where enough have been moved.</summary>
    public ValueTask AfterAsync(long bytes)
    {
        _moved += bytes;
        if (_moved < LinkLimits.TurnBytes)
        {
            return default;
        }

        _moved = 0;
        _wait.Reset();
        short version = _wait.Version;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return new ValueTask(this, version);
    }

    void IThreadPoolWorkItem.Execute() => _wait.SetResult(true);

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);
}
