namespace Actors.Tensors;

/// <summary>
/// The matrices of a linear layer, and whatever layout of them a backend computes with (packed panels, FP8 blocks).
/// After <see cref="Values"/> changed, <see cref="Operations.ILinearOperations.Prepare"/> must run before the next product.
/// </summary>
public abstract class Weight : IDisposable
{
    /// <summary>Describes <paramref name="groups"/> matrices of <paramref name="outputs"/> x <paramref name="inputs"/>.</summary>
    protected Weight(int groups, int outputs, int inputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(groups);
        ArgumentOutOfRangeException.ThrowIfNegative(outputs);
        ArgumentOutOfRangeException.ThrowIfNegative(inputs);
        Groups = groups;
        Outputs = outputs;
        Inputs = inputs;
    }

    /// <summary>Number of matrices: 1, or the local experts of a grouped product.</summary>
    public int Groups { get; }

    /// <summary>Rows of a matrix: elements of an output row.</summary>
    public int Outputs { get; }

    /// <summary>Columns of a matrix: elements of an input row.</summary>
    public int Inputs { get; }

    /// <summary>Master values, float32 (groups · outputs, inputs), as in a checkpoint: y = x Wᵀ.</summary>
    public abstract Tensor Values { get; }

    /// <summary>Bytes of the values, and of every layout that exists.</summary>
    public virtual long HeldBytes => Values.Buffer.Bytes;

    /// <summary>Frees the values and every layout.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the values and every layout.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
