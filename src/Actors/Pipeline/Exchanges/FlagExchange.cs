using System.Runtime.InteropServices;
using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>
/// Exchanges of decoding steps between ranks that each have a device of their own. Operations of the stage's stream wait for other ranks' flags in memory, so a stage
/// goes on at once and tells nobody anything. One exchange is under way at a time, over the group's first windows.
/// </summary>
internal sealed class FlagExchange : IDisposable
{
    private readonly IExchangeRank _rank;
    private readonly GroupWindows _windows;
    private readonly ExchangeFlags _flags;
    private readonly Arena _arena;
    private readonly Tensor _received, _places, _codes;
    private readonly int _sortedRows;
    private (WindowRows All, WindowRows First) _rows;
    private LayerActivations? _layer;

    /// <summary>Makes the exchanges of a rank.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="windows">The group's.</param>
    /// <param name="flags">The group's.</param>
    public FlagExchange(IExchangeRank rank, GroupWindows windows, ExchangeFlags flags)
    {
        (_rank, _windows, _flags) = (rank, windows, flags);
        int rows = checked(flags.Ranks * flags.Tokens);
        _sortedRows = windows.SortedRowsFor(rows);
        RowForm form = Shape.Sent(ExchangePhase.Forward);
        int sent = form.IsCodes ? flags.Tokens : 0;
        _arena = new Arena(
            rank.Backend.For(MemoryKind.Rows), Arena.Plan(1, 1, ElementType.Int32) + Arena.Plan(flags.Tokens, flags.Ranks, ElementType.Int32) + Arena.Plan(sent, form.Columns, form.Type));
        _received = _arena.Take(1, 1, ElementType.Int32);
        _places = _arena.Take(flags.Tokens, flags.Ranks, ElementType.Int32);
        _codes = _arena.Take(sent, form.Columns, form.Type);
        // A window has a row for each token that may come: those of which no choice is local have none with the experts.
        rank.Stream.Upload(MemoryMarshal.AsBytes<int>([rows]), _received);
    }

    private GroupShape Shape => _windows.Shape;

    /// <summary>Brings a layer's rows to their experts.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="tally">Int32 (1, 3), see <c>DispatchTokens</c>.</param>
    /// <param name="needed">Int32 (1, 1): made as large as the number of rows with an expert.</param>
    /// <returns>What the rank's shard computes with.</returns>
    public ReceivedRows Dispatch(LayerActivations layer, Tensor tally, Tensor needed)
    {
        WindowRows rows = Open();
        AttentionActivations a = layer.Attention;
        int me = _rank.ExpertRank;
        _layer = layer;
        _rank.Stream.DispatchTokens(
            _flags, me, Shape.RanksPerNode, Sent(a.Normed), a.Experts, a.ExpertWeights, Shape.ExpertsPerRank, rows.Rows, rows.Experts, rows.Weights, Places(layer), tally);
        return new ReceivedRows(rows.Rows[me], rows.Experts[me], _sortedRows, rows.Weights[me], rows.Partials[me], _received, needed);
    }

    /// <summary>Brings the experts' sums back.</summary>
    public void Combine() => _rank.Stream.CombineTokens(
        _flags, _rank.ExpertRank, Shape.RanksPerNode, _rows.First.Partials, Places(_layer!), _layer!.Routed);

    /// <summary>Throws where a wait of the step has failed; all that it enqueued has run.</summary>
    public void Check()
    {
        if (_flags.Failure is { } failure)
        {
            throw new TimeoutException($"{failure}; the limit is half of actors.watchdog.stall-timeout");
        }
    }

    public void Dispose() => _arena.Dispose();

    private Tensor Places(LayerActivations layer) => _places.RowRange(0, layer.Tokens);

    /// <summary>The rows as they travel; the codes' memory is free again, since one exchange is under way at a time and the stream orders them.</summary>
    private Tensor Sent(Tensor rows)
    {
        if (!Shape.Sent(ExchangePhase.Forward).IsCodes)
        {
            return rows;
        }

        Tensor codes = _codes.RowRange(0, rows.Rows);
        SentRows.Quantize(_rank.Stream, rows, codes);
        return codes;
    }

    private WindowRows Open()
    {
        WindowRows all = _windows[0].All;
        if (_rows.All != all)
        {
            _rows = (all, all.First(_flags.Ranks * _flags.Tokens));
        }

        return _rows.First;
    }
}
