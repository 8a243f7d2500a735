namespace Actors.Runtime.Cluster.Processes;

/// <summary>How it stands with a process's share, for who is no actor. Written by the process's actor, read by any thread.</summary>
internal sealed class ShareStatus
{
    private readonly TaskCompletionSource _mayLeave = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _notReady;
    private volatile Task _freed = Task.CompletedTask;

    /// <summary>Why the process neither holds a share nor could take one; null: it does, or could.</summary>
    public string? NotReady
    {
        get => _notReady;
        set => _notReady = value;
    }

    /// <summary>Ends when the leader lets the process leave.</summary>
    public Task MayLeave => _mayLeave.Task;

    /// <summary>Ends when what the process held as its actor stopped is free.</summary>
    public Task Freed => _freed;

    /// <summary>The leader lets the process leave.</summary>
    public void Leave() => _mayLeave.TrySetResult();

    /// <summary>The process's actor has stopped, and its children before it: frees the share, or the one that is being opened.</summary>
    public void Free(IRunShare? share, Task<IRunShare>? opening) => _freed = Task.Run(async () =>
    {
        if (opening is not null)
        {
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            share = opening.IsCompletedSuccessfully ? opening.Result : null;
        }

        if (share is not null)
        {
            await share.DisposeAsync().ConfigureAwait(false);
        }
    });
}
