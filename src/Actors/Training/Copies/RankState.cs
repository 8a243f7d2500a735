using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Training.Copies;

/// <summary>
/// The state that a rank changes at a step's end: the blocks that it owns, and the copies that it keeps for ranks of another process. Between
/// two updates it can be asked to hold still, so that a whole state is saved after the loss of a process. Used by the stage's actor alone.
/// </summary>
/// <param name="rank">The rank.</param>
/// <param name="optimizer">Updates what the rank owns.</param>
/// <param name="copies">What it keeps, by the rank that owns it.</param>
/// <param name="frames">Leads to the owners.</param>
/// <param name="stream">The rank's.</param>
internal sealed class RankState(int rank, RankOptimizer optimizer, IReadOnlyDictionary<int, StateCopy> copies, FramePort frames, IStream stream)
{
    /// <summary>Steps that are kept: a caller may be as many behind when the leader that told it of them is lost.</summary>
    private const int MaxLatest = 256;

    private readonly Queue<StepCompleted> _latest = [];
    private readonly Dictionary<int, BlockCopied> _copied = [];
    private ApplyUpdate? _last;
    private ApplyUpdate? _underWay;
    private ApplyUpdate? _awaiting;
    private (FinishUpdate Finish, IActorRef Holder)? _finishing;
    private IActorRef? _holder;

    /// <summary>Whether updates of the coordinator are refused.</summary>
    public bool IsHeld => _holder is not null;

    /// <summary>
    /// Enqueues an update, unless the state is held: then it comes from a coordinator that has been given up. Where an average has to end first, <see cref="BeginAwaited"/>
    /// does it.
    /// </summary>
    /// <returns>Whether it was.</returns>
    public bool Begin(ApplyUpdate update)
    {
        bool mustWait = MustWait(update);
        _awaiting = mustWait ? update : null;
        if (mustWait || IsHeld)
        {
            return false;
        }

        Apply(update);
        return true;
    }

    /// <summary>An average has ended: enqueues the update that waits for it.</summary>
    /// <returns>Whether there was one, and it was.</returns>
    public bool BeginAwaited() => _awaiting is { } update && Begin(update);

    /// <summary>The same of an update that others have made.</summary>
    /// <returns>Whether there was one, and it was.</returns>
    public bool FinishAwaited() => _finishing is { } next && Finish(next.Finish, next.Holder);

    /// <summary>Names who is told of the ends of averages, of what the rank owns and of what it copies.</summary>
    public void Connect(IActorRef self)
    {
        foreach (RankAverage average in Averages)
        {
            average.Connect(self);
        }
    }

    /// <summary>
    /// Makes an update that others have made before this rank was held; the one that it has made is not made again. Where an average has to end first,
    /// <see cref="FinishAwaited"/> does it.
    /// </summary>
    /// <returns>Whether it was enqueued.</returns>
    public bool Finish(FinishUpdate finish, IActorRef holder)
    {
        (_holder, _finishing) = (holder, null);
        if (_underWay is null && _last?.Step.Step == finish.Update.Step.Step)
        {
            TellHeld();
            return false;
        }

        if (_underWay is not null || (_last is not null && _last.Step.Step != finish.Update.Step.Step - 1))
        {
            throw new InvalidOperationException(
                $"Rank {rank} is to make the update of step {finish.Update.Step.Step}, and the last one it made or makes is of step {(_underWay ?? _last)!.Step.Step}.");
        }

        if (MustWait(finish.Update))
        {
            _finishing = (finish, holder);
            return false;
        }

        Apply(finish.Update);
        return true;
    }

    /// <summary>The update has run.</summary>
    public void Ended()
    {
        (_last, _underWay) = (_underWay, null);
        if (_latest.Count == MaxLatest)
        {
            _latest.Dequeue();
        }

        _latest.Enqueue(_last!.Step with { Load = [] });
        TellHeld();
    }

    /// <summary>Holds still once no update is under way.</summary>
    public void Hold(IActorRef holder)
    {
        _holder = holder;
        if (_underWay is null)
        {
            TellHeld();
        }
    }

    /// <summary>Takes a gradient for a copy.</summary>
    /// <returns>Whether the stream has to run before <see cref="Copied"/>.</returns>
    public bool Take(BlockCopyArrived arrived)
    {
        copies[arrived.Owner].Take(stream, arrived.Block, arrived.Frame.Rows);
        return !arrived.Frame.Rows.IsAbsent;
    }

    /// <summary>The gradient lies in the copy.</summary>
    public void Copied(BlockCopyArrived arrived)
    {
        Frame frame = arrived.Take();
        if (!frame.Rows.IsAbsent)
        {
            frames.Release(frame);
        }

        if (!_copied.TryGetValue(arrived.Block, out BlockCopied? copied))
        {
            _copied.Add(arrived.Block, copied = new BlockCopied(arrived.Block));
        }

        frames.Tell(arrived.Owner, copied);
    }

    private IEnumerable<RankAverage> Averages => copies.Values.Select(copy => copy.Average).Prepend(optimizer.Average).OfType<RankAverage>();

    private bool MustWait(ApplyUpdate update) => Averages.Any(average => average.MustWait(update.Step.Step));

    private void Apply(ApplyUpdate update)
    {
        _underWay = update;
        optimizer.Apply(stream, update);
        foreach (StateCopy copy in copies.Values)
        {
            copy.Apply(stream, update);
        }
    }

    private void TellHeld() => _holder?.Tell(new StateHeld(rank, _last, [.. _latest]), ActorRefs.NoSender);
}
