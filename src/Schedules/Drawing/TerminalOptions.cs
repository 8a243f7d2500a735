namespace Actors.Schedules.Drawing;

/// <summary>How a drawing in a terminal looks.</summary>
public sealed record TerminalOptions
{
    /// <summary>
    /// Characters of a line, at least 20; default 120. The time axis is scaled to fit, but no wider than the shortest action needs.
    /// </summary>
    public int Width { get; init; } = 120;

    /// <summary>Whether to colour with ANSI escapes (256 colours); default false.</summary>
    public bool Color { get; init; }
}
