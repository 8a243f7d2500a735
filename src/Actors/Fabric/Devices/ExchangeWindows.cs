using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Devices;

/// <summary>What one exchange at a time uses of the devices' memory: counts of all ranks, and for each rank, on its device, the window where its rows arrive.</summary>
internal sealed class ExchangeWindows : IDisposable
{
    private readonly Arena[] _arenas;

    /// <summary>Allocates them.</summary>
    /// <param name="devices">The device of each rank: where its window lies.</param>
    /// <param name="shape">The group.</param>
    /// <param name="rows">Rows of a window.</param>
    public ExchangeWindows(IReadOnlyList<IBackend> devices, GroupShape shape, int rows)
    {
        long counts = Arena.Plan(shape.Ranks, shape.Ranks, ElementType.Int32);
        long window = BytesOf(shape, rows);
        _arenas = [.. devices.Select((device, rank) => new Arena(device, window + (rank == 0 ? counts : 0)))];
        Counts = _arenas[0].Take(shape.Ranks, shape.Ranks, ElementType.Int32);
        All = new WindowRows(shape.Ranks);
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            Arena arena = _arenas[rank];
            Tensor arrived = arena.Take(rows, shape.MostSentBytes, ElementType.E4M3);
            All.Rows[rank] = shape.Sent(ExchangePhase.Forward).In(arrived);
            All.Gradients[rank] = shape.Sent(ExchangePhase.Backward).In(arrived);
            All.Partials[rank] = arena.Take(rows, shape.Columns, shape.RowType);
            All.Experts[rank] = arena.Take(rows, shape.Choices, ElementType.Int32);
            All.Weights[rank] = arena.Take(rows, shape.Choices);
        }
    }

    /// <summary>Int32 (ranks, ranks): row r is how many rows rank r sends to each.</summary>
    public Tensor Counts { get; }

    /// <summary>Bytes of a rank's window.</summary>
    public static long BytesOf(GroupShape shape, int rows) =>
        Arena.Plan(rows, shape.MostSentBytes, ElementType.E4M3) + Arena.Plan(rows, shape.Columns, shape.RowType)
        + Arena.Plan(rows, shape.Choices, ElementType.Int32) + Arena.Plan(rows, shape.Choices);

    /// <summary>The windows of all ranks.</summary>
    public WindowRows All { get; }

    public void Dispose() => Array.ForEach(_arenas, arena => arena.Dispose());
}
