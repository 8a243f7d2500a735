using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Cross entropy on a GPU, logits of one type.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How logits are stored.</param>
internal sealed unsafe class LossKernels(KernelLibrary library, ElementType type)
{
    /// <summary>Most threads of a block. Mirrors cross_entropy.cu.</summary>
    private const int MostThreads = 512;

    private readonly CudaKernel _crossEntropy = library.Kernel("cross_entropy", type);

    /// <summary>losses = logsumexp(logits) − logits[target], dLogits = scale · (softmax − one-hot); a target of −1 gives 0.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="logits">(rows, columns).</param>
    /// <param name="targets">Address of int32 (rows).</param>
    /// <param name="scale">Factor of the gradient.</param>
    /// <param name="losses">Address of float32 (rows).</param>
    /// <param name="dLogits">(rows, columns), or at address 0; may be <paramref name="logits"/>.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">The vocabulary.</param>
    public void CrossEntropy(CudaQueue queue, RowView logits, nuint targets, float scale, nuint losses, RowView dLogits, RowCount rows, int columns)
    {
        bool isPacked = PackedRows.Fit(type, columns, logits, dLogits);
        int warps = LaunchGrid.Covering(PackedRows.Units(type, columns, isPacked), PackedRows.WarpThreads);
        _crossEntropy.Launch(
            queue, rows.Capacity, Math.Clamp(warps * PackedRows.WarpThreads, PackedRows.WarpThreads, MostThreads),
            [
                (nint)(&logits), (nint)(&targets), (nint)(&scale), (nint)(&losses), (nint)(&dLogits), (nint)(&rows), (nint)(&columns), (nint)(&isPacked),
            ]);
    }
}
