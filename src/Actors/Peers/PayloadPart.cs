namespace Actors.Runtime.Peers;

/// <summary>A run of unmanaged memory that stays valid until it is sent, or filled.</summary>
/// <param name="Pointer">Its first byte.</param>
/// <param name="Bytes">Its length, 0 or more.</param>
public readonly record struct PayloadPart(nint Pointer, long Bytes)
{
    /// <summary>Most parts of one payload.</summary>
    public const int Most = 3;

    /// <summary>Bytes of some parts.</summary>
    /// <exception cref="OverflowException">A length is below 0, or the sum does not fit.</exception>
    public static long Total(ReadOnlySpan<PayloadPart> parts)
    {
        long total = 0;
        foreach (PayloadPart part in parts)
        {
            total = part.Bytes >= 0 ? checked(total + part.Bytes) : throw new OverflowException($"A part of a payload has {part.Bytes} bytes.");
        }

        return total;
    }
}
