using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Cpu.Scalar;

/// <summary>The elements of a contiguous moment, float32 or bfloat16, as float32.</summary>
internal readonly ref struct MomentSpan
{
    private readonly Span<float> _values;
    private readonly Span<ushort> _codes;

    public MomentSpan(Tensor tensor)
    {
        if (tensor.Type == ElementType.BFloat16)
        {
            _codes = tensor.AsSpan<ushort>();
        }
        else
        {
            _values = tensor.AsSpan<float>();
        }
    }

    /// <summary>An element; rounded to nearest even where it is stored.</summary>
    public float this[int i]
    {
        get => _codes.IsEmpty ? _values[i] : BFloat16.ToSingle(_codes[i]);
        set
        {
            if (_codes.IsEmpty)
            {
                _values[i] = value;
            }
            else
            {
                _codes[i] = BFloat16.FromSingle(value);
            }
        }
    }
}
