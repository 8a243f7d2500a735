using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Actors.Cpu;

/// <summary>
/// Asks for memory before it is needed. Processors foresee long runs of addresses by themselves; here are the others: short
/// rows far apart, whose every first line would cost a whole trip to memory (about 600 cycles of the machine it was measured on).
/// </summary>
internal static unsafe class CacheLine
{
    /// <summary>Floats in a line of 64 bytes.</summary>
    public const int Floats = 16;

    /// <summary>Longer rows than these bytes keep the processor's own foresight busy: asking for them ahead gains nothing.</summary>
    public const int LongestRow = 4096;

    /// <summary>
    /// Begins to load the line at any address into the second-level cache: what is asked for lies a strip or more ahead, and would
    /// drive the operands of the present one out of the first. Does nothing where the platform has no such instruction.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
        }
    }

    /// <summary>Asks for <paramref name="count"/> floats of each of some rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* first, nint stride, int rows, int count)
    {
        for (int row = 0; row < rows; row++)
        {
            Prefetch(first, count);
            first += stride;
        }
    }

    /// <summary>Asks for all lines of <paramref name="count"/> floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* first, int count)
    {
        for (int i = 0; i < count; i += Floats)
        {
            Prefetch(first + i);
        }
    }
}
