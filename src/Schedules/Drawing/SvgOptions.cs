namespace Actors.Schedules.Drawing;

/// <summary>How a picture looks.</summary>
public sealed record SvgOptions
{
    /// <summary>
    /// Heading, also what a screen reader says first; null (default) for the schedule and its size, where they are known.
    /// </summary>
    public string? Title { get; init; }

    /// <summary>A line under the heading; null (default) for step time, bubble and costs, where they are known; empty for none.</summary>
    public string? Subtitle { get; init; }

    /// <summary>Unit of the times, shown at the axis; empty (default) for a time without unit.</summary>
    public string TimeUnit { get; init; } = "";

    /// <summary>
    /// Widest that the rows may become, in pixels, at least 100; default 1280. Rows are as wide as their shortest action needs, up to
    /// this.
    /// </summary>
    public int MaxRowWidth { get; init; } = 1280;

    /// <summary>
    /// Whether each action carries its text and times as a tooltip; default true. Off, the file is less than half as large.
    /// </summary>
    public bool Tooltips { get; init; } = true;
}
