using Actors.Cpu;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>Reads and writes rows of a group's row type as float32.</summary>
internal static class RowCodec
{
    public static float Rounded(float value, ElementType type) =>
        type == ElementType.BFloat16 ? BFloat16.ToSingle(BFloat16.FromSingle(value)) : value;

    public static float[] Read(Tensor tensor)
    {
        var values = new float[tensor.Count];
        if (tensor.Type == ElementType.BFloat16)
        {
            BFloat16.ToSingle(tensor.AsSpan<ushort>(), values);
        }
        else
        {
            tensor.AsSpan<float>().CopyTo(values);
        }

        return values;
    }

    public static void Write(ReadOnlySpan<float> values, Tensor tensor)
    {
        if (tensor.Type == ElementType.BFloat16)
        {
            BFloat16.FromSingle(values, tensor.AsSpan<ushort>());
        }
        else
        {
            values.CopyTo(tensor.AsSpan<float>());
        }
    }
}
