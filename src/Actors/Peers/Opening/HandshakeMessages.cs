using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Runtime.Peers.Opening;

/// <summary>32 bytes: a nonce, a proof, a hash.</summary>
[InlineArray(32)]
internal struct Bytes32
{
    private byte _first;
}

/// <summary>The name of a shared file, ASCII, filled up with zeros.</summary>
[InlineArray(96)]
internal struct NameBytes
{
    private byte _first;
}

/// <summary>The first bytes of both sides, in every version of the protocol.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct FirstBytes
{
    /// <summary>"ACTLINKS".</summary>
    public const ulong Expected = 0x534B4E494C544341;

    /// <summary>The version that this code speaks.</summary>
    public const int Present = 1;

    public ulong Magic;
    public int Version;
    public int Reserved;
}

/// <summary>1. Connector: who I am and whom I want. Sent behind <see cref="FirstBytes"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Hello
{
    public Guid Run;
    public Guid Link;
    public int Epoch;
    public int From;
    public int To;
    public int Lane;
    public int Lanes;
    public int RingBytes;
    public long MaxFrameBytes;
    public long SharedBytes;
    public long TicksPerSecond;
    public Bytes32 Plan;
    public Bytes32 Nonce;
}

/// <summary>2. Listener: what I refuse, or my proof. Sent behind <see cref="FirstBytes"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Challenge
{
    public int Refusal;
    public int Process;
    public int Epoch;
    public int Reserved;
    public long Time;
    public Bytes32 Nonce;
    public Bytes32 Proof;
}

/// <summary>3. Connector: what I refuse, or my proof, and the file to share.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Proof
{
    public int Refusal;
    public int Reserved;
    public long Time;
    public NameBytes File;
    public Bytes32 Mac;
}

/// <summary>4. Listener: the lane is open.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Welcome
{
    public int Refusal;
    public int SharesMemory;
}
