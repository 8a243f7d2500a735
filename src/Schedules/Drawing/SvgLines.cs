namespace Actors.Schedules.Drawing;

/// <summary>Breaks a text into lines that are at most as wide as a picture has room, between words or, in a longer word, anywhere.</summary>
internal static class SvgLines
{
    /// <summary>The widest letters of a sans-serif font, in shares of its size.</summary>
    private const double Wide = 1;

    private const double Other = 0.62;

    /// <summary>The lines, none for an empty text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fontSize">In pixels.</param>
    /// <param name="width">Room, in pixels.</param>
    public static IReadOnlyList<string> Break(string text, double fontSize, double width)
    {
        var room = width / fontSize;
        List<string> lines = [];
        var rest = text.AsSpan().Trim();
        while (rest.Length > 0)
        {
            var fits = Fitting(rest, room);
            var space = fits < rest.Length ? rest[..(fits + 1)].LastIndexOf(' ') : -1;
            var length = space > 0 ? space : fits;
            lines.Add(rest[..length].TrimEnd().ToString());
            rest = rest[length..].TrimStart();
        }

        return lines;
    }

    // Characters that fit, at least one.
    private static int Fitting(ReadOnlySpan<char> text, double room)
    {
        var (length, width) = (0, 0.0);
        while (length < text.Length && (width += WidthOf(text[length])) <= room)
        {
            length++;
        }

        return Math.Max(1, length);
    }

    private static double WidthOf(char letter) => letter > 0x7f || char.IsAsciiLetterUpper(letter) || "mw@%&".Contains(letter) ? Wide : Other;
}
