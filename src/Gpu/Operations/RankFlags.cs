using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>Flags of a group's ranks as kernels take them, by value. Mirrors <c>rank_flags</c> of rank_flags.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RankFlags
{
    /// <summary>Each rank's memory of flags.</summary>
    public Addresses Ranks;

    /// <summary>Where the rank reports a wait that has failed, in memory of the host.</summary>
    public nuint Report;

    /// <summary>Longest wait.</summary>
    public ulong LimitNanoseconds;

    /// <summary>Ranks of the group.</summary>
    public int Count;

    /// <summary>The rank.</summary>
    public int Me;

    /// <summary>Blocks of a dispatch.</summary>
    public int Blocks;

    /// <summary>An address a rank.</summary>
    [InlineArray(IExchangeOperations.MostRanks)]
    public struct Addresses
    {
        private nuint _first;
    }
}
