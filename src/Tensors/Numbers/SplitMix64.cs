namespace Actors.Tensors.Numbers;

/// <summary>A stream of 64-bit numbers from a counter (Steele, Lea and Flood 2014): the same on every platform.</summary>
public static class SplitMix64
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    /// <summary>The next number of the stream whose counter is <paramref name="state"/>.</summary>
    public static ulong Next(ref ulong state)
    {
        state += Step;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The counter once so many numbers have been drawn.</summary>
    public static ulong Skip(ulong state, long numbers) => unchecked(state + ((ulong)numbers * Step));

    /// <summary>The next number in [0, 1), with 53 bits.</summary>
    public static double NextUniform(ref ulong state) => (Next(ref state) >> 11) * (1.0 / (1L << 53));
}
