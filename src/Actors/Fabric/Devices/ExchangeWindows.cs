using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Devices;

/// <summary>What one exchange at a time uses of a device's memory: counts of all ranks, and for each rank the window where its rows arrive.</summary>
internal sealed class ExchangeWindows : IDisposable
{
    private readonly Arena _arena;

    public ExchangeWindows(IBackend backend, GroupShape shape, int rows)
    {
        long bytes = Arena.Plan(shape.Ranks, shape.Ranks, ElementType.Int32)
            + (shape.Ranks * ((2 * Arena.Plan(rows, shape.Columns, shape.RowType))
                + Arena.Plan(rows, shape.Choices, ElementType.Int32) + Arena.Plan(rows, shape.Choices)));
        _arena = new Arena(backend, bytes);
        Counts = _arena.Take(shape.Ranks, shape.Ranks, ElementType.Int32);
        All = new WindowRows(shape.Ranks);
        for (int rank = 0; rank < shape.Ranks; rank++)
        {
            All.Rows[rank] = _arena.Take(rows, shape.Columns, shape.RowType);
            All.Partials[rank] = _arena.Take(rows, shape.Columns, shape.RowType);
            All.Experts[rank] = _arena.Take(rows, shape.Choices, ElementType.Int32);
            All.Weights[rank] = _arena.Take(rows, shape.Choices);
        }
    }

    /// <summary>Int32 (ranks, ranks): row r is how many rows rank r sends to each.</summary>
    public Tensor Counts { get; }

    /// <summary>The windows of all ranks.</summary>
    public WindowRows All { get; }

    public void Dispose() => _arena.Dispose();
}
