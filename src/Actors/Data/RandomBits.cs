namespace Actors.Runtime.Data;

/// <summary>Random numbers that are functions of their place: the same for whoever asks, in any order.</summary>
internal static class RandomBits
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>The number of a seed.</summary>
    public static ulong Of(long seed) => Mix(unchecked((ulong)seed + Golden));

    /// <summary>The number at a place.</summary>
    public static ulong Of(ulong seed, long place) => Mix(seed ^ unchecked((ulong)place * Golden));

    /// <summary>The number at a place and a place in it.</summary>
    public static ulong Of(ulong seed, long place, long inner) => Mix(Of(seed, place) + unchecked((ulong)inner * Golden));

    /// <summary>SplitMix64's finalizer (Steele, Lea, Flood 2014): every bit of the result depends on every bit of the input.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
