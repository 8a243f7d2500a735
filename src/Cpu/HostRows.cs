using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Cpu;

/// <summary>Bytes of tensors in host memory, whatever their element type, and elements of rows as float32.</summary>
internal static class HostRows
{
    /// <summary>The bytes of row <paramref name="row"/>.</summary>
    public static unsafe Span<byte> RowBytes(this Tensor tensor, int row)
    {
        int size = tensor.Type.SizeInBytes();
        return new Span<byte>((byte*)tensor.Pointer + (long)row * tensor.RowStride * size, tensor.Columns * size);
    }

    /// <summary>An element, float32 or bfloat16.</summary>
    public static float Element(this Tensor tensor, int row, int column) =>
        tensor.Type == ElementType.BFloat16 ? BFloat16.ToSingle(tensor.RowSpan<ushort>(row)[column]) : tensor.RowSpan<float>(row)[column];

    /// <summary>Writes an element, float32 or bfloat16.</summary>
    public static void SetElement(this Tensor tensor, int row, int column, float value)
    {
        if (tensor.Type == ElementType.BFloat16)
        {
            tensor.RowSpan<ushort>(row)[column] = BFloat16.FromSingle(value);
        }
        else
        {
            tensor.RowSpan<float>(row)[column] = value;
        }
    }
}
