using Actors.Tensors;

namespace Actors.Runtime.Fabric.Devices;

/// <summary>Tensors of all ranks' windows, in rank order, with as many rows as an exchange may bring.</summary>
/// <param name="ranks">Ranks of the group.</param>
internal sealed class WindowRows(int ranks)
{
    /// <summary>Tokens that arrive.</summary>
    public Tensor[] Rows { get; } = new Tensor[ranks];

    /// <summary>Gradients of sums that arrive, in the memory of the tokens.</summary>
    public Tensor[] Gradients { get; } = new Tensor[ranks];

    /// <summary>What is collected: sums over a rank's experts, or gradients of the tokens.</summary>
    public Tensor[] Partials { get; } = new Tensor[ranks];

    /// <summary>Int32: local experts of arrived tokens.</summary>
    public Tensor[] Experts { get; } = new Tensor[ranks];

    /// <summary>Weights of the choices; in the backward their gradients.</summary>
    public Tensor[] Weights { get; } = new Tensor[ranks];

    /// <summary>The first rows of each.</summary>
    public WindowRows First(int rows)
    {
        var first = new WindowRows(ranks);
        for (int rank = 0; rank < ranks; rank++)
        {
            first.Rows[rank] = Rows[rank].RowRange(0, rows);
            first.Gradients[rank] = Gradients[rank].RowRange(0, rows);
            first.Partials[rank] = Partials[rank].RowRange(0, rows);
            first.Experts[rank] = Experts[rank].RowRange(0, rows);
            first.Weights[rank] = Weights[rank].RowRange(0, rows);
        }

        return first;
    }
}
