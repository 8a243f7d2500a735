using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace Actors.Parity.Tests.Training;

/// <summary>
/// A theory whose bits were recorded; skipped where others are right. Vectors of 512 and of 256 bits give the same, since no sum depends on
/// their width, so one record stands for both (DOTNET_EnableAVX512=0 makes the narrower ones). Whose processor it is does not matter: kernels
/// use fused multiply-adds, square roots and divisions, which IEEE 754 rounds in one way, no estimates, and an exponential of their own. What
/// the standard leaves open are the C library's logarithm, sine, cosine and power, for fresh weights, rotary tables, loss and AdamW.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RecordedTheoryAttribute : TheoryAttribute
{
    private const string RecordedFunctions = "e18d3d2f7c24d6ae";

    public RecordedTheoryAttribute()
    {
        string functions = Functions();
        if (!Vector256.IsHardwareAccelerated)
        {
            Skip = "Bits are recorded for vectors of 512 and 256 bits; this machine's are narrower.";
        }
        else if (functions != RecordedFunctions)
        {
            Skip = $"Bits are recorded for a C library whose functions hash to {RecordedFunctions}; those of this machine hash to {functions}.";
        }
    }

    /// <summary>The start of the SHA-256 of the functions at many places, as float32, in which all their results end.</summary>
    private static string Functions()
    {
        const int Places = 2048;
        var values = new float[4 * Places];
        for (int i = 0; i < Places; i++)
        {
            double x = (i + 1.0) / Places;
            (double sin, double cos) = Math.SinCos(2 * Math.PI * x);
            values[4 * i] = (float)Math.Log(x);
            values[(4 * i) + 1] = (float)sin;
            values[(4 * i) + 2] = (float)cos;
            values[(4 * i) + 3] = (float)Math.Pow(10000, -x);
        }

        return Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())))[..16];
    }
}
