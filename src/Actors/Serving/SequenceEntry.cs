using System.Runtime.InteropServices;

namespace Actors.Runtime.Serving;

/// <summary>A sequence of a step as it crosses between processes: plain numbers of fixed size, little endian.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SequenceEntry
{
    /// <summary>Bytes of an entry, part of the protocol between processes.</summary>
    public const int Bytes = 32;

    /// <summary>Its cache slot.</summary>
    public int Slot;

    /// <summary>Its tokens in the cache after the step.</summary>
    public int Length;

    /// <summary>How its next token is drawn.</summary>
    public Sampling Sampling;
}
