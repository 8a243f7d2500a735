using System.Text.RegularExpressions;

namespace Actors.Cli.Tests.Progress;

/// <summary>What a terminal shows after some output: as much of the control sequences as redrawing needs.</summary>
internal static partial class Screen
{
    /// <summary>The lines, without spaces at their ends and without empty ones at the end.</summary>
    public static IReadOnlyList<string> Of(string output)
    {
        var lines = new List<List<char>> { new() };
        int row = 0, column = 0;
        foreach (Match part in Parts().Matches(output))
        {
            char last = part.Value[^1];
            int count = int.TryParse(part.Groups["count"].Value, out int given) ? given : 0;
            switch (part.Groups["count"].Success, last)
            {
                case (true, 'A'):
                    row = Math.Max(0, row - Math.Max(1, count));
                    break;
                case (true, 'K'):
                    lines[row].RemoveRange(count == 2 ? 0 : column, lines[row].Count - (count == 2 ? 0 : Math.Min(column, lines[row].Count)));
                    break;
                case (true, 'J'):
                    lines.RemoveRange(row + 1, lines.Count - row - 1);
                    lines[row].RemoveRange(Math.Min(column, lines[row].Count), lines[row].Count - Math.Min(column, lines[row].Count));
                    break;
                case (true, _):
                    break;
                case (false, '\n'):
                    (row, column) = (row + 1, 0);
                    while (lines.Count <= row)
                    {
                        lines.Add([]);
                    }

                    break;
                case (false, '\r'):
                    column = 0;
                    break;
                default:
                    lines[row].AddRange(Enumerable.Repeat(' ', Math.Max(0, column + 1 - lines[row].Count)));
                    lines[row][column++] = last;
                    break;
            }
        }

        List<string> shown = [.. lines.Select(line => new string([.. line]).TrimEnd())];
        return [.. shown.Take(shown.FindLastIndex(line => line.Length > 0) + 1)];
    }

    [GeneratedRegex(@"\u001b\[\??(?<count>\d*)(;\d+)*[A-Za-z]|[\s\S]")]
    private static partial Regex Parts();
}
