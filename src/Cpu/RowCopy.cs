using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Actors.Cpu;

/// <summary>Copies of rows, most of them a few hundred bytes, of which a step makes many.</summary>
internal static unsafe class RowCopy
{
    private const int Block = 64;

    /// <summary>Longer rows gain from what the runtime knows of the machine more than they lose by the call.</summary>
    private const nint LongestInline = 2048;

    /// <summary>Copies one row; the two must not overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(byte* from, byte* to, nint bytes)
    {
        if (bytes % Block != 0 || bytes > LongestInline)
        {
            Buffer.MemoryCopy(from, to, bytes, bytes);
            return;
        }

        for (nint i = 0; i < bytes; i += Block)
        {
            Vector512.Load(from + i).Store(to + i);
        }
    }
}
