using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Training;

/// <summary>
/// The average of the blocks that a rank owns, beside its steps: every so many steps a stream of its own copies the values behind the update, and before the next one,
/// to the host, and a thread of the pool adds them to the average. Only where that is not done when the next values are due does the rank wait. Used by the stage's
/// actor, except where it says otherwise. Who keeps a copy of what the rank owns averages it in the same way.
/// </summary>
internal sealed class RankAverage : IStreamCompletion, IDisposable
{
    private readonly ParameterAverage _average;
    private readonly IStream _stream;
    private readonly StreamMark _updated, _copied;
    private readonly string _name;
    private IActorRef _self = ActorRefs.Nobody;
    private TaskCompletionSource? _adding;
    private bool _wasCopied;

    /// <summary>Allocates averages and snapshots.</summary>
    /// <param name="backend">Device of the values.</param>
    /// <param name="blocks">The owned blocks.</param>
    /// <param name="options">Decay and frequency.</param>
    /// <param name="name">Whose average it is, for messages and traces, such as <c>rank 3</c>.</param>
    public RankAverage(IBackend backend, IEnumerable<ParameterBlock> blocks, AverageOptions options, string name)
    {
        _name = name;
        _average = new ParameterAverage(backend, blocks, options);
        _stream = backend.CreateStream($"{name} average");
        (_updated, _copied) = (backend.CreateMark(), backend.CreateMark());
    }

    /// <summary>The averages; read or set while <see cref="Idle"/> has ended.</summary>
    public ParameterAverage Values => _average;

    /// <summary>Longest wait for the end of a snapshot that is under way when the average is freed.</summary>
    public TimeSpan Limit { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Ends when no snapshot is under way. Asked between steps, by any thread.</summary>
    public Task Idle => _adding?.Task ?? Task.CompletedTask;

    /// <summary>Who is told <see cref="AverageTaken"/> of each end.</summary>
    public void Connect(IActorRef self) => _self = self;

    /// <summary>Whether the update of a step has to wait: its values are due, and those before are not added yet.</summary>
    public bool MustWait(int step) => _average.Options.IsDue(step) && !Idle.IsCompleted;

    /// <summary>Has a stream that is to change the values wait until they are copied.</summary>
    public void BeforeUpdate(IStream stream)
    {
        if (_wasCopied)
        {
            stream.Wait(_copied);
        }
    }

    /// <summary>Begins to average the values behind an update, where they are due.</summary>
    /// <param name="stream">Has the update enqueued.</param>
    /// <param name="step">The step.</param>
    public void AfterUpdate(IStream stream, int step)
    {
        if (!_average.Options.IsDue(step))
        {
            return;
        }

        _adding = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _wasCopied = true;
        stream.Record(_updated);
        _stream.Wait(_updated);
        _average.Snapshot(_stream);
        _stream.Record(_copied);
        _stream.Notify(this);
    }

    /// <summary>The values are copied: adds them in a thread of the pool, in which nobody waits for it.</summary>
    public void Completed(Exception? failure) => Task.Run(() => Add(failure));

    /// <exception cref="TimeoutException">A snapshot has not ended within the limit; nothing is freed that its copies may still write.</exception>
    public void Dispose()
    {
        // A stream tells the end of its work also when that fails, but a device may have stopped.
        if (!Idle.Wait(Limit))
        {
            throw new TimeoutException(
                $"{_name}: copying the parameters for their average has not ended within {Limit.TotalSeconds:0.###} s (actors.watchdog.stall-timeout): the device no longer works, "
                + "and its memory is left to the end of the process.");
        }

        _stream.Dispose();
        _updated.Dispose();
        _copied.Dispose();
        _average.Dispose();
    }

    private void Add(Exception? failure)
    {
        TaskCompletionSource adding = _adding!;
        try
        {
            if (failure is null)
            {
                _average.Add();
            }
        }
        catch (Exception other)
        {
            failure = other;
        }

        adding.SetResult();
        _self.Tell(failure is null ? AverageTaken.Instance : new Pipeline.ComputeFailed(failure.Message), _self);
    }
}

/// <summary>Average → its stage: the values of the last snapshot are averaged.</summary>
internal sealed record AverageTaken : INoSerializationVerificationNeeded
{
    public static AverageTaken Instance { get; } = new();
}
