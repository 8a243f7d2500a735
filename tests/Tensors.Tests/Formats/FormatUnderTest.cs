using Actors.Tensors.Formats;

namespace Actors.Tensors.Tests.Formats;

/// <summary>A format's conversions and its bits, so that one set of tests runs on each.</summary>
internal sealed record FormatUnderTest(
    string Name, int ExponentBits, int MantissaBits, uint MaxFinite, uint Overflow,
    Func<float, uint> FromSingle, Func<float, uint>? FromSingleSaturating, Func<uint, float> ToSingle)
{
    public static readonly FormatUnderTest[] All =
    [
        new("BFloat16", 8, 7, 0x7F7F, 0x7F80, x => BFloat16.FromSingle(x), null, code => BFloat16.ToSingle((ushort)code)),
        new("E4M3", 4, 3, 0x7E, 0x7F, x => E4M3.FromSingle(x), x => E4M3.FromSingleSaturating(x), code => E4M3.ToSingle((byte)code)),
        new("E5M2", 5, 2, 0x7B, 0x7C, x => E5M2.FromSingle(x), x => E5M2.FromSingleSaturating(x), code => E5M2.ToSingle((byte)code)),
        new("E5M6", 5, 6, 0x7BF, 0x7C0, x => E5M6.FromSingle(x), x => E5M6.FromSingleSaturating(x), code => E5M6.ToSingle((ushort)code)),
    ];

    public uint Sign => 1u << (ExponentBits + MantissaBits);

    public NearestValue Nearest() => new(ExponentBits, MantissaBits, MaxFinite);

    public static FormatUnderTest Named(string name) => Array.Find(All, format => format.Name == name)!;
}
