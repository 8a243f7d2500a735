namespace Actors.Cpu.Simd;

/// <summary>Rows, columns or steps cut into parts of nearly equal size: the first ones have one more where they do not divide.</summary>
/// <param name="whole">How many there are.</param>
/// <param name="count">Number of parts.</param>
internal readonly struct EvenCut(int whole, int count)
{
    /// <summary>Number of parts.</summary>
    public int Count { get; } = count;

    /// <summary>Size of a part.</summary>
    public int this[int part] => whole / Count + (part < whole % Count ? 1 : 0);

    /// <summary>As few parts as hold at most <paramref name="most"/> each; none of nothing.</summary>
    public static EvenCut AtMost(int whole, int most) => new(whole, (whole + most - 1) / most);
}
