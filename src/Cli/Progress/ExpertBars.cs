using System.Globalization;
using System.Text;

namespace Actors.Cli.Progress;

/// <summary>The load of each expert as a bar of one character, and how far it is from even.</summary>
internal static class ExpertBars
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>
    /// A bar an expert, the tallest for the largest load; where there are too many, a bar stands for some neighbours' mean.
    /// </summary>
    public static string Draw(IReadOnlyList<long> load, int columns)
    {
        int bars = Math.Min(load.Count, Math.Max(1, columns));
        long largest = Math.Max(1, load.Count == 0 ? 1 : load.Max());
        var text = new StringBuilder(bars);
        for (int bar = 0; bar < bars; bar++)
        {
            double mean = Mean(load, (int)((long)bar * load.Count / bars), (int)((bar + 1L) * load.Count / bars));
            text.Append(Bars[Math.Min(Bars.Length - 1, (int)(mean / largest * Bars.Length))]);
        }

        return text.ToString();
    }

    /// <summary>Least and largest load in units of the mean: 0.61..1.73.</summary>
    public static string Range(IReadOnlyList<long> load)
    {
        double mean = load.Count == 0 ? 0 : Mean(load, 0, load.Count);
        return mean > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{load.Min() / mean:0.00}..{load.Max() / mean:0.00}")
            : "none";
    }

    private static double Mean(IReadOnlyList<long> load, int first, int end)
    {
        double sum = 0;
        for (int expert = first; expert < end; expert++)
        {
            sum += load[expert];
        }

        return sum / (end - first);
    }
}
