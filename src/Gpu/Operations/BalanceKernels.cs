using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>The balance loss of a gate on a GPU, float32.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class BalanceKernels(KernelLibrary library)
{
    private const string File = "balance_loss";
    private const int WarpLanes = 32, TokenThreads = 256, TotalThreads = 256, BlocksOfMultiprocessor = 8;
    private readonly CudaKernel _counts = library.Kernel(File, $"{File}_counts"), _gradient = library.Kernel(File, $"{File}_gradient");
    private readonly CudaKernel _totals = library.Kernel(File, $"{File}_totals");

    /// <summary>Bytes of scratch that <see cref="Run"/> takes.</summary>
    public static long ScratchBytes(int tokens, int sequences, int experts) => CountBytes(sequences, experts) + ((long)tokens * sizeof(float));

    /// <summary>As <see cref="IRoutingOperations.BalanceLoss"/>, of a sequence at least.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="scores">(tokens, experts).</param>
    /// <param name="experts">Int32 (tokens, K).</param>
    /// <param name="sequences">Int32 (1, sequences + 1).</param>
    /// <param name="scale">Factor of the gradient.</param>
    /// <param name="losses">(1, sequences).</param>
    /// <param name="dLogits">(tokens, experts), added to.</param>
    /// <param name="scratch">Address of <see cref="ScratchBytes"/>.</param>
    public void Run(CudaQueue queue, Tensor scores, Tensor experts, Tensor sequences, float scale, Tensor losses, Tensor dLogits, nuint scratch)
    {
        int count = losses.Columns;
        long countBytes = CountBytes(count, scores.Columns);
        var work = new Work(
            RowView.Of(scores), RowView.Of(experts), RowView.AddressOf(sequences), scratch, scratch + (nuint)countBytes, scores.Rows, count, scores.Columns,
            experts.Columns);
        RowView gradient = RowView.Of(dLogits);
        nuint sums = RowView.AddressOf(losses);
        if (scores.Rows > 0)
        {
            int blocks = Math.Min(
                LaunchGrid.Covering(scores.Rows, TokenThreads / WarpLanes), library.Context.Device.Multiprocessors * BlocksOfMultiprocessor);
            queue.Fill(scratch, 0, countBytes);
            _counts.Launch(queue, blocks, TokenThreads, [(nint)(&work)]);
            _gradient.Launch(queue, blocks, TokenThreads, [(nint)(&work), (nint)(&gradient), (nint)(&scale)]);
        }

        _totals.Launch(queue, count, TotalThreads, [(nint)(&work), (nint)(&sums)]);
    }

    private static long CountBytes(int sequences, int experts) => (long)sequences * (experts + 1) * sizeof(int);

    /// <summary>Mirrors <c>balance_work</c> of balance_loss.cu.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Work(
        RowView Scores, RowView Chosen, nuint Starts, nuint Counts, nuint TokenLosses, int Tokens, int Sequences, int Experts, int Wanted);
}
