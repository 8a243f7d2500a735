using System.Collections.Immutable;
using Actors.Model.Training;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Placement;
using Akka.Actor;

namespace Actors.Runtime.Training.Checkpoints;

/// <summary>
/// Saves a run's state for the coordinator, its parent: begins a checkpoint, has each process write its blocks, and commits it when all
/// have. One at a time. Its own work on files runs in a thread of its own; a process that goes away while it writes counts as refused. When it
/// is stopped in the midst, work that has begun ends before that of another on the same folder, and what has not begun is not done.
/// </summary>
internal sealed class CheckpointActor : UntypedActor
{
    private readonly ICheckpointFolder _folder;
    private readonly ImmutableArray<RunProcess> _processes;
    private readonly ImmutableArray<int> _writers;
    private readonly TimeProvider _time;
    private readonly Lazy<CheckpointShares> _shares;
    private readonly HashSet<IActorRef> _writing = [];
    private string? _refusal;
    private long _started;
    private int _step;
    private volatile bool _isStopped;

    /// <summary>Makes the actor.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="folder">Where checkpoints are kept.</param>
    /// <param name="processes">Every process of the run.</param>
    /// <param name="time">Measures.</param>
    public CheckpointActor(RunPlan plan, ICheckpointFolder folder, ImmutableArray<RunProcess> processes, TimeProvider time)
    {
        (_folder, _processes, _time) = (folder, processes, time);
        _writers = [.. Enumerable.Range(0, plan.Nodes).Select(node => processes.IndexOf(processes.First(process => process.Nodes.Contains(node))))];
        _shares = new Lazy<CheckpointShares>(() => BlockHome.Divide(
            plan, BlockHome.Of(plan, new StageLayout(plan.Model, plan.Stages), plan.CreateTimetable().Placement), _writers));
    }

    protected override void PostStop() => _isStopped = true;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SaveCheckpoint save:
                (_step, _started, _refusal) = (save.Step, _time.GetTimestamp(), null);
                Run(static (folder, step, _) => new Begun(folder.Begin(step)));
                break;
            case Begun begun:
                Order(begun.Folder);
                break;
            case BlocksSaved saved:
                Ended(Sender, saved.Failure);
                break;
            case Terminated gone:
                Ended(gone.ActorRef, $"{gone.ActorRef.Path} writes a part of it, and its process has ended");
                break;
            case Committed committed:
                Context.Parent.Tell(new CheckpointSaved(_step, committed.Folder, _time.GetElapsedTime(_started).TotalSeconds), Self);
                break;
            case CheckpointFailed failed:
                Context.Parent.Tell(failed, Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Order(string folder)
    {
        for (int writer = 0; writer < _processes.Length; writer++)
        {
            IActorRef saver = _processes[writer].Saver;
            _writing.Add(saver);
            Context.Watch(saver);
            saver.Tell(new SaveBlocks(folder, writer, _writers), Self);
        }
    }

    /// <summary>When the last writer has ended nobody writes to the folder any more: it is committed, or removed.</summary>
    private void Ended(IActorRef saver, string? failure)
    {
        if (!_writing.Remove(saver))
        {
            return;
        }

        Context.Unwatch(saver);
        _refusal ??= failure;
        if (_writing.Count > 0)
        {
            return;
        }

        if (_refusal is { } refusal)
        {
            Run((folder, step, _) => new CheckpointFailed(step, folder.Abandon(step, refusal), Detail: null));
        }
        else
        {
            Run(static (folder, step, shares) => new Committed(folder.Commit(step, shares.Value)));
        }
    }

    private void Run(Func<ICheckpointFolder, int, Lazy<CheckpointShares>, object> work)
    {
        (ICheckpointFolder folder, int step, Lazy<CheckpointShares> shares) = (_folder, _step, _shares);
        BackgroundSetup.Run(Context, () => Alone(() => work(folder, step, shares))).PipeTo(
            Self, Self, failure: failure => new CheckpointFailed(step, failure.Message, failure.ToString()));
    }

    private object Alone(Func<object> work)
    {
        lock (_folder)
        {
            return _isStopped ? new CheckpointFailed(_step, "another saves by now", Detail: null) : work();
        }
    }

    /// <summary>The folder is there.</summary>
    private sealed record Begun(string Folder) : INoSerializationVerificationNeeded;

    /// <summary>The checkpoint has its name.</summary>
    private sealed record Committed(string Folder) : INoSerializationVerificationNeeded;
}
