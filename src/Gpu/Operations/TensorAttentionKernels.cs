using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>Causal attention by tensor cores for heads of one size, bfloat16.</summary>
internal sealed unsafe class TensorAttentionKernels
{
    // Mirrors of attention_tensor.cu and attention_backward_tensor.cu: rows of a block, threads, and rows of the tiles that a block passes over.
    private const int TileRows = 128, PassedKeys = 64, OwnedRows = 64, BackwardThreads = 128, Stages = 2, PitchColumns = 8;

    private readonly int _nope, _rope, _value, _threads, _forwardBytes, _backwardBytes;
    private readonly CudaKernel _forward, _queryGradient, _keyValueGradient;

    private TensorAttentionKernels(KernelLibrary library, int nope, int rope, int value, int threads, int passedRows, bool keepsOwned)
    {
        (_nope, _rope, _value, _threads) = (nope, rope, value, threads);
        int rowBytes = (nope + rope + value + 2 * PitchColumns) * ElementType.BFloat16.SizeInBytes();
        _forwardBytes = Stages * PassedKeys * rowBytes;
        _backwardBytes = (keepsOwned ? 0 : OwnedRows * rowBytes) + Stages * passedRows * (rowBytes + 2 * sizeof(float));
        string name = $"{nope + rope}_{value}";
        _forward = library.Kernel("attention_tensor", $"attention_{name}").WithDynamicShared(_forwardBytes);
        _queryGradient = library.Kernel("attention_backward_tensor", $"attention_dq_{name}").WithDynamicShared(_backwardBytes);
        _keyValueGradient = library.Kernel("attention_backward_tensor", $"attention_dkv_{name}").WithDynamicShared(_backwardBytes);
    }

    /// <summary>The kernels of all sizes that there are.</summary>
    public static TensorAttentionKernels[] All(KernelLibrary library) =>
    [
        new(library, 64, 32, 64, threads: 128, passedRows: 64, keepsOwned: true),
        new(library, 128, 64, 128, threads: 256, passedRows: 32, keepsOwned: false),
    ];

    /// <summary>Whether they are for these heads and for rows that begin so.</summary>
    public bool Takes(AttentionShape shape, params ReadOnlySpan<RowView> views)
    {
        foreach (RowView view in views)
        {
            if (!PackedRows.IsAligned(view, ElementType.BFloat16))
            {
                return false;
            }
        }

        return shape.NopeColumns == _nope && shape.RopeColumns == _rope && shape.ValueColumns == _value && shape.Scale > 0;
    }

    /// <inheritdoc cref="AttentionKernels.Forward"/>
    public void Forward(CudaQueue queue, AttentionViews inputs, RowView output, RowView logSumExp)
    {
        (RowView q, RowView kv, RowView kRope, SequenceList sequences, _, AttentionShape shape) = inputs;
        _forward.Launch(
            queue, new LaunchGrid(shape.Heads, inputs.Tiles(TileRows)), _threads,
            [(nint)(&q), (nint)(&kv), (nint)(&kRope), (nint)(&sequences), (nint)(&shape), (nint)(&output), (nint)(&logSumExp)], _forwardBytes);
    }

    /// <summary>dq, dkv and each head's share of dkRope.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="inputs">The forward's.</param>
    /// <param name="gradients">What else is read.</param>
    /// <param name="dq">Of the query's shape.</param>
    /// <param name="dkv">Of the expanded keys' and values' shape.</param>
    /// <param name="headShares">Address of float32 (heads, rows, RopeColumns).</param>
    public void Backward(CudaQueue queue, AttentionViews inputs, AttentionGradientViews gradients, RowView dq, RowView dkv, nuint headShares)
    {
        (RowView q, RowView kv, RowView kRope, SequenceList sequences, int rows, AttentionShape shape) = inputs;
        var outputs = new Outputs(dq, dkv, headShares, rows);
        var grid = new LaunchGrid(shape.Heads, inputs.Tiles(OwnedRows));
        ReadOnlySpan<nint> parameters = [(nint)(&q), (nint)(&kv), (nint)(&kRope), (nint)(&sequences), (nint)(&shape), (nint)(&gradients), (nint)(&outputs)];
        _queryGradient.Launch(queue, grid, BackwardThreads, parameters, _backwardBytes);
        _keyValueGradient.Launch(queue, grid, BackwardThreads, parameters, _backwardBytes);
    }

    /// <summary>Mirrors <c>gradient_outputs</c> of attention_backward_tensor.cu.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Outputs(RowView Query, RowView KeyValue, nuint HeadShares, int Rows);
}
