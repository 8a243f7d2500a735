using Actors.Model.Parameters;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Tensors;

namespace Actors.Runtime.Training;

/// <summary>
/// A rank's part in bringing updated values to its domain from owners whose memory its device reaches. An owner tells once that its update is enqueued, with a
/// mark; the rank's stream goes on behind that and copies the owner's blocks from where they lie. Owners are read in turns that begin with the next rank, so that
/// not all ranks read from one at a time. An owner's next update, and so its mark's next place, comes after all ranks have read: they end the step by it.
/// </summary>
internal sealed class ValueReads : IDisposable
{
    private readonly (int Owner, ValueRead[] Blocks)[] _reads;
    private readonly IReadOnlyList<int> _readers;
    private readonly FramePort _frames;
    private readonly IStream _stream;
    private readonly ValuesUpdated _updated;
    private readonly StreamMark?[] _heard;
    private bool _hasUpdated;
    private int _next;

    /// <summary>Makes a rank's part.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="reads">What it reads.</param>
    /// <param name="readers">The ranks that read its own blocks.</param>
    /// <param name="ranks">Ranks of the run.</param>
    /// <param name="backend">The rank's device.</param>
    /// <param name="frames">Leads to other ranks.</param>
    /// <param name="stream">The rank's.</param>
    public ValueReads(
        int rank, IReadOnlyList<ValueRead> reads, IReadOnlyList<int> readers, int ranks, IBackend backend, FramePort frames, IStream stream)
    {
        _reads = [.. reads.GroupBy(read => read.Owner).OrderBy(owner => (owner.Key - rank + ranks) % ranks).Select(owner => (owner.Key, owner.ToArray()))];
        (_readers, _frames, _stream) = (readers, frames, stream);
        _updated = new ValuesUpdated(rank, backend.CreateMark());
        _heard = new StreamMark?[ranks];
    }

    /// <summary>Whether the rank reads anything.</summary>
    public bool IsAny => _reads.Length > 0;

    /// <summary>The rank's own update is enqueued: tells who reads it.</summary>
    /// <returns>Whether all that the rank reads is enqueued now.</returns>
    public bool Updated()
    {
        _hasUpdated = true;
        _stream.Record(_updated.Mark);
        foreach (int reader in _readers)
        {
            _frames.Tell(reader, _updated);
        }

        return Read();
    }

    /// <summary>An owner's update is enqueued; it may have been told of the step before this rank was.</summary>
    /// <returns>As <see cref="Updated"/>.</returns>
    public bool Heard(ValuesUpdated updated)
    {
        _heard[updated.Rank] = updated.Mark;
        return Read();
    }

    public void Dispose() => _updated.Mark.Dispose();

    /// <summary>Enqueues what can be read, behind the rank's own update, which else would wait for another's.</summary>
    private bool Read()
    {
        if (!_hasUpdated)
        {
            return false;
        }

        for (; _next < _reads.Length && _heard[_reads[_next].Owner] is { } mark; _next++)
        {
            (int owner, ValueRead[] blocks) = _reads[_next];
            _heard[owner] = null;
            _stream.Wait(mark);
            foreach (ValueRead read in blocks)
            {
                _stream.Copy(read.From.Values, read.To.Values);
                read.To.Prepare(_stream);
            }
        }

        if (_next < _reads.Length)
        {
            return false;
        }

        (_hasUpdated, _next) = (false, 0);
        return IsAny;
    }
}

/// <summary>A block that a rank reads for its domain after an update.</summary>
/// <param name="Owner">The rank that updates it.</param>
/// <param name="From">The block in the owner's domain.</param>
/// <param name="To">The block in the reader's.</param>
internal sealed record ValueRead(int Owner, ParameterBlock From, ParameterBlock To);
