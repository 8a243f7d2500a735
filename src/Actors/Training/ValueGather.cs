using Actors.Model.Parameters;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Tensors;

namespace Actors.Runtime.Training;

/// <summary>
/// A rank's part in bringing updated values to the domains that hold them: the owner of a block sends it to one rank of each other domain,
/// which puts it in its domain's copy and prepares that. What a rank's device reaches is not sent: see <see cref="ValueReads"/>.
/// </summary>
internal sealed class ValueGather
{
    private readonly IReadOnlyList<ValueRoute> _routes;
    private readonly IReadOnlyDictionary<int, ParameterBlock> _awaited;
    private readonly FramePort _frames;
    private readonly IStream _stream;
    private readonly Parcel[] _parcels;
    private readonly ValueReads? _reads;
    private int _taken;
    private bool _hasRead;
    private bool _hasApplied;

    /// <summary>Makes a rank's part.</summary>
    /// <param name="routes">What the rank sends, in model order.</param>
    /// <param name="awaited">What it takes for its domain, by number.</param>
    /// <param name="frames">Leads to other domains.</param>
    /// <param name="stream">The rank's.</param>
    /// <param name="reads">What it reads where the owner has it; null: nothing.</param>
    public ValueGather(
        IReadOnlyList<ValueRoute> routes, IReadOnlyDictionary<int, ParameterBlock> awaited, FramePort frames, IStream stream, ValueReads? reads) =>
        (_routes, _awaited, _frames, _stream, _reads, _parcels) =
            (routes, awaited, frames, stream, reads, [.. routes.Select(route => new Parcel(new BlockValuesArrived(route.Number)))]);

    /// <summary>The rank's own blocks are updated: sends them.</summary>
    /// <returns>Whether the rank's part has ended.</returns>
    public bool Send()
    {
        _hasApplied = true;
        for (int i = 0; i < _routes.Count; i++)
        {
            _frames.Send(_routes[i].Receiver, _routes[i].Block.Values, _parcels[i]);
        }

        return End();
    }

    /// <summary>Puts values that have come in their place; the stream has to run before <see cref="Taken"/>.</summary>
    public void Take(BlockValuesArrived values)
    {
        ParameterBlock block = _awaited[values.Block];
        _stream.Copy(values.Frame.Rows, block.Values);
        block.Prepare(_stream);
    }

    /// <summary>The values lie in their place.</summary>
    /// <returns>Whether the rank's part has ended.</returns>
    public bool Taken(Frame frame)
    {
        _frames.Release(frame);
        _taken++;
        return End();
    }

    /// <summary>The rank's update is enqueued.</summary>
    /// <returns>Whether values of others are being read now: the stream has to run before <see cref="Read"/>.</returns>
    public bool Updated() => _reads?.Updated() == true;

    /// <summary>Another rank's update is enqueued.</summary>
    /// <returns>As <see cref="Updated"/>.</returns>
    public bool Heard(ValuesUpdated updated) => _reads!.Heard(updated);

    /// <summary>All values that the rank reads lie in their place.</summary>
    /// <returns>Whether the rank's part has ended.</returns>
    public bool Read()
    {
        _hasRead = true;
        return End();
    }

    private bool End()
    {
        // Values of an owner who was told earlier may come before the own update.
        if (!_hasApplied || _taken < _awaited.Count || (_reads is { IsAny: true } && !_hasRead))
        {
            return false;
        }

        (_hasApplied, _hasRead, _taken) = (false, false, 0);
        return true;
    }
}

/// <summary>A block that a rank sends after an update.</summary>
/// <param name="Number">Number of the block in the model.</param>
/// <param name="Block">The values.</param>
/// <param name="Receiver">The rank that takes them for its domain.</param>
internal sealed record ValueRoute(int Number, ParameterBlock Block, int Receiver);
