using System.Globalization;
using System.Text;

namespace Actors.LoadTests.Reporting;

/// <summary>A report as lines for people: median, and the least and greatest where there were several.</summary>
internal static class TextReport
{
    public static string Of(Report report, RunPlace place)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"scenario {report.Scenario}: {place.Machine}, {place.Runtime}, {place.Date}, commit {place.Commit}");
        foreach ((string name, string value) in report.Settings)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {name,-28}{value}");
        }

        foreach (string step in report.Figures.Select(f => f.Step).Concat(report.Latencies.Select(l => l.Step)).Distinct())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"step {step}");
            foreach (Figure figure in report.Figures.Where(f => f.Step == step))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {figure.Name,-28}{Show(figure)}");
            }

            foreach (Latency latency in report.Latencies.Where(l => l.Step == step))
            {
                string quantiles = string.Join(
                    ", ", Latency.Quantiles.Select(q => string.Create(CultureInfo.InvariantCulture, $"p{q * 100:0.#} {latency.Milliseconds(q):G3}")));
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"  {"latency, ms",-28}{quantiles}, max {latency.Longest:G3} of {latency.Durations.Count} {latency.Note}");
            }
        }

        return text.ToString();
    }

    /// <summary>A figure's median, and its range where it was measured several times.</summary>
    public static string Show(Figure figure)
    {
        string format = $"N{figure.Digits}";
        string median = figure.Value.Median.ToString(format, CultureInfo.InvariantCulture);
        return figure.Value.Least == figure.Value.Greatest
            ? median
            : $"{median} ({figure.Value.Least.ToString(format, CultureInfo.InvariantCulture)} .. {figure.Value.Greatest.ToString(format, CultureInfo.InvariantCulture)})";
    }
}
