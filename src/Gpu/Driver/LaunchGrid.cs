namespace Actors.Gpu.Driver;

/// <summary>Blocks of a launch.</summary>
/// <param name="X">Up to 2³¹ − 1.</param>
/// <param name="Y">Up to 65535.</param>
/// <param name="Z">Up to 65535.</param>
internal readonly record struct LaunchGrid(int X, int Y = 1, int Z = 1)
{
    /// <summary>Whether there is no block.</summary>
    public bool IsEmpty => X == 0 || Y == 0 || Z == 0;

    /// <summary>Parts that cover a whole: of blocks, tiles or groups; the last may be smaller.</summary>
    public static int Covering(long whole, long part) => checked((int)((whole + part - 1) / part));

    /// <inheritdoc/>
    public override string ToString() => $"{X} x {Y} x {Z}";

    /// <summary>Blocks in one row.</summary>
    public static implicit operator LaunchGrid(int blocks) => new(blocks);
}
