using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Simulation.Faults;

/// <summary>A block in a simulated checkpoint.</summary>
/// <param name="Values">Its values.</param>
/// <param name="First">Its first moment; empty where it is not trained.</param>
/// <param name="Second">Its second moment.</param>
internal sealed record SavedBlock(float[] Values, float[] First, float[] Second)
{
    /// <summary>Bit for bit.</summary>
    public bool IsSame(SavedBlock other) => IsSame(Values, other.Values) && IsSame(First, other.First) && IsSame(Second, other.Second);

    /// <summary>Reads a tensor of the device.</summary>
    public static float[] Read(IStream stream, Tensor tensor)
    {
        byte[] bytes = new byte[tensor.Count * sizeof(float)];
        stream.Download(tensor, bytes);
        return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
    }

    /// <summary>Writes a tensor of the device.</summary>
    public static void Write(IStream stream, float[] values, Tensor tensor) => stream.Upload(MemoryMarshal.AsBytes<float>(values), tensor);

    private static bool IsSame(float[] one, float[] other) => MemoryMarshal.AsBytes<float>(one).SequenceEqual(MemoryMarshal.AsBytes<float>(other));
}
