using System.Runtime.InteropServices;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training.Copies;
using Actors.Tensors;
using Actors.Tensors.Operations;
using Akka.Actor;

namespace Actors.Runtime.Training;

/// <summary>
/// A rank's part in summing gradients: one float32 sum a block, running through the holders in rank order. For each block one rank of a
/// domain adds those of the domain's ranks to what the domain before has sent, and sends the sum on; the last sends it to the owner.
/// Ranks that had nothing to add are skipped. With one domain that is a sum at the owner, and nothing is sent. So it is with several whose devices order streams
/// and reach each other: the owner's stream sums, and reads gradients on other devices. All ranks have played when sums begin, and their streams have come to the
/// step's end; none writes a gradient again before all sums have run.
/// </summary>
internal sealed class GradientReduction : IDisposable
{
    private readonly IReadOnlyList<ReductionPart> _parts;
    private readonly Dictionary<int, ReductionPart> _byBlock;
    private readonly RankOptimizer _optimizer;
    private readonly Dictionary<int, int> _places = [];
    private readonly FramePort _frames;
    private readonly IStream _stream;
    private readonly ITensorLink _link;
    private readonly List<BlockSumArrived> _early = [];
    private readonly Dictionary<int, Parcel> _sums;
    private readonly Parcel[] _copies;
    private readonly int _steps;
    private readonly int? _keeper;
    private readonly bool _sumsInStream;
    private int _uncopied;
    private IActorRef _self = ActorRefs.Nobody;
    private int _ownedLeft;
    private bool _hasEnded = true;
    private int _left;

    /// <summary>Makes a rank's part.</summary>
    /// <param name="parts">What the rank adds, in model order.</param>
    /// <param name="optimizer">Takes the sums of the blocks that the rank owns.</param>
    /// <param name="frames">Leads to other domains.</param>
    /// <param name="stream">The rank's.</param>
    /// <param name="link">Sums inside the domain; the reduction's own.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="keeper">The rank that keeps a copy of what this one owns; null: nobody does.</param>
    /// <param name="ordersStreams">Whether the stream sums what it reaches, not the link.</param>
    public GradientReduction(
        IReadOnlyList<ReductionPart> parts, RankOptimizer optimizer, FramePort frames, IStream stream, ITensorLink link, int rank, int? keeper, bool ordersStreams)
    {
        // A copy is sent when the sum lies there, which the link tells.
        _sumsInStream = ordersStreams && keeper is null;
        _parts = parts;
        _byBlock = parts.ToDictionary(part => part.Number);
        _optimizer = optimizer;
        (_frames, _stream, _link, _keeper) = (frames, stream, link, keeper);
        _sums = parts.ToDictionary(part => part.Number, part => new Parcel(new BlockSumArrived(part.Number, part.IsLast)));
        _copies = keeper is null ? [] : [.. optimizer.Blocks.Select(owned => new Parcel(new BlockCopyArrived(rank, owned.Number)))];
        for (int place = 0; place < optimizer.Blocks.Count; place++)
        {
            _places.Add(optimizer.Blocks[place].Number, place);
        }

        _steps = parts.Count + optimizer.Blocks.Count(owned => _byBlock[owned.Number].Next is not null);
    }

    /// <summary>Begins to sum; late links tell <paramref name="self"/>.</summary>
    /// <returns>Whether the owned blocks are summed and their squares enqueued.</returns>
    public bool Begin(IActorRef self)
    {
        _self = self;
        _hasEnded = false;
        _ownedLeft = _optimizer.Blocks.Count;
        _uncopied = _keeper is null ? 0 : _ownedLeft;
        _left = _steps;
        foreach (ReductionPart part in _parts)
        {
            if (!part.AwaitsSum)
            {
                Add(part, Frame.Empty);
            }
        }

        foreach (BlockSumArrived sum in _early)
        {
            Take(sum);
        }

        _early.Clear();
        return HasEnded();
    }

    /// <summary>Takes the sum of the domains before, or the whole sum of an owned block.</summary>
    /// <returns>As <see cref="Begin"/>.</returns>
    public bool Arrived(BlockSumArrived sum)
    {
        if (_left == 0)
        {
            // The sender was told to begin before this rank was. All ranks have played by then, so nothing is added to gradients any more.
            _early.Add(sum);
            return false;
        }

        Take(sum);
        return HasEnded();
    }

    /// <summary>A late link has summed an owned block.</summary>
    /// <returns>As <see cref="Begin"/>.</returns>
    public bool Summed(BlockSummed summed)
    {
        Square(summed.Place, summed.Read, summed.IsZero);
        return HasEnded();
    }

    /// <summary>The keeper of the copies has a block's sum.</summary>
    /// <returns>As <see cref="Begin"/>.</returns>
    public bool Copied()
    {
        _uncopied--;
        return HasEnded();
    }

    public void Dispose() => _link.Dispose();

    private void Take(BlockSumArrived sum)
    {
        Frame frame = sum.Take();
        if (sum.IsWhole)
        {
            _left--;
            Put(sum.Block, frame.Rows.IsAbsent ? [] : [frame.Rows], frame);
        }
        else
        {
            Add(_byBlock[sum.Block], frame);
        }
    }

    /// <summary>Adds the domain's gradients of a block and passes the sum on, or keeps it.</summary>
    private void Add(ReductionPart part, Frame before)
    {
        _left--;
        Parcel sum = _sums[part.Number];
        List<Tensor> parts = sum.Parts;
        parts.Clear();
        if (!before.Rows.IsAbsent)
        {
            parts.Add(before.Rows);
        }

        for (int i = 0; i < part.Gradients.Count; i++)
        {
            if (part.Gradients[i].IsAny)
            {
                parts.Add(part.Gradients[i].Tensor);
            }
        }

        if (part.Next is not { } next)
        {
            Put(part.Number, CollectionsMarshal.AsSpan(parts), before);
            sum.Empty();
        }
        else if (parts.Count == 0)
        {
            _frames.SendNothing(next, sum);
        }
        else
        {
            sum.Read = before;
            _frames.SendSum(next, sum);
        }
    }

    /// <summary>Sums an owned block in its owner's gradients; in place where they are the only ones.</summary>
    private void Put(int block, ReadOnlySpan<Tensor> parts, Frame read)
    {
        int place = _places[block];
        OwnedBlock owned = _optimizer.Blocks[place];
        bool isZero = parts.Length == 0;
        bool isInStream = _sumsInStream && read.Rows.IsAbsent && parts.Length <= IExchangeOperations.MostRanks;
        if (isZero)
        {
            _stream.Zero(owned.Reduced);
        }
        else if (isInStream)
        {
            if (parts.Length > 1 || parts[0] != owned.Reduced)
            {
                _stream.SumTensors(parts, owned.Reduced);
            }
        }
        else if (parts.Length > 1 || !read.Rows.IsAbsent || !owned.Own.Has(owned.Block))
        {
            _link.SumWhole(parts, owned.Reduced);
        }

        if (isInStream || _link.IsIdle)
        {
            Square(place, read, isZero);
        }
        else
        {
            _link.NotifyBy(_self, new BlockSummed(place, read, isZero));
        }
    }

    /// <summary>Squares a sum and gives the frame back that it was read from: its sender may need the credit for the next block.</summary>
    private void Square(int place, Frame read, bool isZero)
    {
        if (!read.Rows.IsAbsent)
        {
            _frames.Release(read);
        }

        if (_keeper is { } keeper)
        {
            Copy(keeper, place, isZero);
        }

        _optimizer.AddSquares(_stream, place);
        _ownedLeft--;
    }

    /// <summary>Sends a sum to the keeper of its copy. Zeros may not lie in their place yet, and need not be sent.</summary>
    private void Copy(int keeper, int place, bool isZero)
    {
        if (isZero)
        {
            _frames.SendNothing(keeper, _copies[place]);
        }
        else
        {
            _frames.Send(keeper, _optimizer.Blocks[place].Reduced, _copies[place]);
        }
    }

    /// <summary>Says once that all owned blocks are summed, and copied where somebody keeps copies.</summary>
    private bool HasEnded()
    {
        if (_ownedLeft > 0 || _uncopied > 0 || _hasEnded)
        {
            return false;
        }

        _hasEnded = true;
        _optimizer.EndSquares(_stream);
        return true;
    }
}
