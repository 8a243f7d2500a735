namespace Actors.Schedules.Drawing;

/// <summary>The title of a picture and the line under it, each broken into lines that stay inside the picture.</summary>
internal sealed class SvgHeading
{
    private const int TitleTop = 24;
    private const int TitleSize = 16;
    private const int TitlePitch = 20;
    private const int SubtitleSize = 11;
    private const int SubtitlePitch = 15;

    private readonly IReadOnlyList<string> _title;
    private readonly IReadOnlyList<string> _subtitle;
    private readonly int _subtitleTop;

    public SvgHeading(string title, string subtitle, double width)
    {
        _title = SvgLines.Break(title, TitleSize, width);
        _subtitle = SvgLines.Break(subtitle, SubtitleSize, width);
        _subtitleTop = TitleTop - 1 + Math.Max(1, _title.Count) * TitlePitch;
        Bottom = _subtitleTop + Math.Max(1, _subtitle.Count) * SubtitlePitch;
    }

    /// <summary>Where what follows may begin.</summary>
    public int Bottom { get; }

    public void Draw(SvgCanvas canvas, double left)
    {
        Draw(canvas, "ink head", _title, left, TitleTop, TitlePitch);
        Draw(canvas, "sub", _subtitle, left, _subtitleTop, SubtitlePitch);
    }

    private static void Draw(SvgCanvas canvas, string style, IReadOnlyList<string> lines, double left, int top, int pitch)
    {
        foreach (var (number, line) in lines.Index())
        {
            canvas.Text(style, left, top + number * pitch, line);
        }
    }
}
