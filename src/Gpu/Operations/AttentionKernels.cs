using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>Causal attention on a GPU, rows of one type.</summary>
/// <param name="library">Has the kernels.</param>
/// <param name="type">How rows are stored.</param>
internal sealed unsafe class AttentionKernels(KernelLibrary library, ElementType type)
{
    private const string Backwards = "attention_backward";
    private const int BlockThreads = 256, WarpLanes = 32, TileRows = 32, OutputColumns = 64;

    private readonly CudaKernel _forward = library.Kernel("attention", type),
        _delta = library.Kernel(Backwards, type, "attention_delta"),
        _queryGradient = library.Kernel(Backwards, type, "attention_dq"),
        _keyValueGradient = library.Kernel(Backwards, type, "attention_dkv"),
        _sumHeads = library.Kernel(Backwards, type, "attention_dk_rope");

    private readonly TensorAttentionKernels[] _tensor = type == ElementType.BFloat16 ? TensorAttentionKernels.All(library) : [];

    /// <summary>Attention inside each sequence.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="output">(rows, heads · ValueColumns).</param>
    /// <param name="logSumExp">Float32 (rows, heads); address 0: not wanted.</param>
    public void Forward(CudaQueue queue, AttentionViews inputs, RowView output, RowView logSumExp)
    {
        (RowView q, RowView kv, RowView kRope, SequenceList sequences, _, AttentionShape shape) = inputs;
        if (TensorKernels(shape, q, kv, kRope, output) is { } tensor)
        {
            tensor.Forward(queue, inputs, output, logSumExp);
            return;
        }

        _forward.Launch(
            queue, new LaunchGrid(shape.Heads, inputs.Tiles(TileRows), Math.Max(1, LaunchGrid.Covering(shape.ValueColumns, OutputColumns))), BlockThreads,
            [(nint)(&q), (nint)(&kv), (nint)(&kRope), (nint)(&sequences), (nint)(&shape), (nint)(&output), (nint)(&logSumExp)]);
    }

    /// <summary>Bytes of scratch that <see cref="Backward"/> takes: Σ dO · o (rows, heads), and each head's share of dkRope (heads, rows, RopeColumns).</summary>
    public static long ScratchBytes(int rows, AttentionShape shape) => (long)rows * shape.Heads * (1 + shape.RopeColumns) * sizeof(float);

    /// <summary>Gradients of <see cref="Forward"/>.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="inputs">The forward's.</param>
    /// <param name="dO">(rows, heads · ValueColumns).</param>
    /// <param name="output">The forward's.</param>
    /// <param name="logSumExp">The forward's.</param>
    /// <param name="dq">Of the query's shape.</param>
    /// <param name="dkv">Of the expanded keys' and values' shape.</param>
    /// <param name="dkRope">(rows, RopeColumns), summed over heads in order.</param>
    /// <param name="scratch">Address of <see cref="ScratchBytes"/>.</param>
    public void Backward(
        CudaQueue queue, AttentionViews inputs, RowView dO, RowView output, RowView logSumExp, RowView dq, RowView dkv, RowView dkRope, nuint scratch)
    {
        (RowView q, RowView kv, RowView kRope, SequenceList sequences, int rows, AttentionShape shape) = inputs;
        var gradients = new AttentionGradientViews(dO, logSumExp, scratch);
        nuint headShares = scratch + (nuint)((long)rows * shape.Heads * sizeof(float));
        int heads = shape.Heads, valueColumns = shape.ValueColumns, ropeColumns = shape.RopeColumns;
        _delta.Launch(
            queue, new LaunchGrid(LaunchGrid.Covering(rows, BlockThreads / WarpLanes), heads), BlockThreads,
            [(nint)(&dO), (nint)(&output), (nint)(&scratch), (nint)(&rows), (nint)(&heads), (nint)(&valueColumns)]);
        if (TensorKernels(shape, q, kv, kRope, dO, dq, dkv) is { } tensor)
        {
            tensor.Backward(queue, inputs, gradients, dq, dkv, headShares);
        }
        else
        {
            int tiles = inputs.Tiles(TileRows), queryParts = LaunchGrid.Covering(shape.QueryColumns, OutputColumns);
            _queryGradient.Launch(
                queue, new LaunchGrid(heads, tiles, queryParts), BlockThreads,
                [(nint)(&q), (nint)(&kv), (nint)(&kRope), (nint)(&sequences), (nint)(&shape), (nint)(&gradients), (nint)(&dq)]);
            _keyValueGradient.Launch(
                queue, new LaunchGrid(heads, tiles, queryParts + LaunchGrid.Covering(valueColumns, OutputColumns)), BlockThreads,
                [(nint)(&q), (nint)(&kv), (nint)(&kRope), (nint)(&sequences), (nint)(&shape), (nint)(&gradients), (nint)(&dkv), (nint)(&headShares), (nint)(&rows)]);
        }

        if (ropeColumns > 0)
        {
            _sumHeads.Launch(
                queue, LaunchGrid.Covering(rows, BlockThreads / WarpLanes), BlockThreads,
                [(nint)(&headShares), (nint)(&dkRope), (nint)(&rows), (nint)(&heads), (nint)(&ropeColumns)]);
        }
    }

    private TensorAttentionKernels? TensorKernels(AttentionShape shape, params ReadOnlySpan<RowView> views)
    {
        foreach (TensorAttentionKernels kernels in _tensor)
        {
            if (kernels.Takes(shape, views))
            {
                return kernels;
            }
        }

        return null;
    }
}
