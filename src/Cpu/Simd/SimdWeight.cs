using System.Runtime.InteropServices;
using Actors.Cpu.Simd.Products;
using Actors.Tensors;

namespace Actors.Cpu.Simd;

/// <summary>
/// Matrices of a linear layer with their packed panels: those of x Wᵀ from the start; those of dy W from the first backward on, so
/// that a model that only infers does not hold them, and only where the values cannot be read as they lie.
/// </summary>
internal sealed unsafe class SimdWeight : Weight
{
    private readonly string _device;
    private readonly HostBuffer _values;
    private readonly HostBuffer _forward;
    private readonly long _forwardLength;
    private readonly long _backwardLength;
    private readonly Lock _firstBackward = new();
    private volatile HostBuffer? _backward;

    public SimdWeight(string device, int groups, int outputs, int inputs)
        : base(groups, outputs, inputs)
    {
        _device = device;
        int rows = checked(groups * outputs);
        _values = new HostBuffer((long)rows * inputs * sizeof(float), device);
        Values = new Tensor(_values, 0, rows, inputs, inputs, ElementType.Float32);
        _forwardLength = PanelPacking.Length(outputs, inputs);
        _backwardLength = PanelPacking.Length(inputs, outputs);
        _forward = new HostBuffer(groups * _forwardLength * sizeof(float), device);
        Clear(_values);
        Clear(_forward);
    }

    /// <inheritdoc/>
    public override Tensor Values { get; }

    /// <inheritdoc/>
    public override long HeldBytes => _values.Bytes + _forward.Bytes + (_backward?.Bytes ?? 0);

    /// <summary>Bytes of the values and of every packed copy that will be made of them.</summary>
    public static long BytesOf(int groups, int outputs, int inputs, bool trains)
    {
        long floats = ((long)outputs * inputs) + PanelPacking.Length(outputs, inputs);
        if (trains && !RightMatrix.NeedsNoPacking(inputs))
        {
            floats += PanelPacking.Length(inputs, outputs);
        }

        return groups * floats * sizeof(float);
    }

    /// <summary>A group's right matrix of x Wᵀ.</summary>
    public RightMatrix Forward(int group) => RightMatrix.Packed(ForwardPanels + group * _forwardLength, Outputs, Inputs);

    /// <summary>A group's right matrix of dy W; packed, where it has to be, when one is first asked for.</summary>
    public RightMatrix Backward(int group) => RightMatrix.NeedsNoPacking(Inputs)
        ? RightMatrix.InPlace((float*)_values.Pointer + (long)group * Outputs * Inputs, Inputs, Inputs, Outputs, scratch: null)
        : RightMatrix.Packed((float*)(_backward ?? FirstBackward()).Pointer + group * _backwardLength, Inputs, Outputs);

    /// <summary>Packs what is held from the values.</summary>
    public void Prepare()
    {
        var values = (float*)_values.Pointer;
        for (int group = 0; group < Groups; group++)
        {
            PanelPacking.PackTransposed(
                values + (long)group * Outputs * Inputs, Inputs, Outputs, Inputs, ForwardPanels + group * _forwardLength);
        }

        if (_backward is { } backward)
        {
            PackBackward((float*)backward.Pointer);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _values.Dispose();
            _forward.Dispose();
            _backward?.Dispose();
        }
    }

    private float* ForwardPanels => (float*)_forward.Pointer;

    private static void Clear(HostBuffer buffer) => NativeMemory.Clear((void*)buffer.Pointer, (nuint)buffer.Bytes);

    private HostBuffer FirstBackward()
    {
        lock (_firstBackward)
        {
            if (_backward is null)
            {
                var panels = new HostBuffer(Groups * _backwardLength * sizeof(float), _device);
                PackBackward((float*)panels.Pointer);
                _backward = panels;
            }

            return _backward;
        }
    }

    private void PackBackward(float* panels)
    {
        var values = (float*)_values.Pointer;
        for (int group = 0; group < Groups; group++)
        {
            PanelPacking.Pack(values + (long)group * Outputs * Inputs, Inputs, Inputs, Outputs, panels + group * _backwardLength);
        }
    }
}
