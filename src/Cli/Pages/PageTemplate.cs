using System.Text;

namespace Actors.Cli.Pages;

/// <summary>Text with places for what is made: lines such as <c>{{schedule dualpipe}}</c>.</summary>
internal static class PageTemplate
{
    private const string Open = "{{";
    private const string Close = "}}";

    /// <summary>The text with every place filled; lines end with a line feed.</summary>
    /// <param name="template">The text.</param>
    /// <param name="file">Where it comes from, for errors.</param>
    /// <param name="places">The places that there are, for errors.</param>
    /// <param name="fill">What stands at a place, without a last line feed; null where there is no such place.</param>
    /// <exception cref="UsageException">A place is unknown; the message names file and line.</exception>
    public static string Fill(string template, string file, string places, Func<string, string?> fill)
    {
        var text = new StringBuilder(template.Length);
        string[] lines = template.TrimEnd('\n').Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            bool isPlace = line.StartsWith(Open, StringComparison.Ordinal) && line.EndsWith(Close, StringComparison.Ordinal);
            text.Append(isPlace ? Filled(line[Open.Length..^Close.Length].Trim(), $"{file}, line {i + 1}", places, fill) : line).Append('\n');
        }

        return text.ToString();
    }

    private static string Filled(string place, string where, string places, Func<string, string?> fill)
        => fill(place) ?? throw new UsageException($"{where}: nothing is made for '{place}'; write {places}");
}
