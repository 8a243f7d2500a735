using System.Globalization;
using System.Net;
using System.Text;

namespace Actors.LoadTests.Reporting;

/// <summary>A report as one page that needs nothing else: tables, and a curve of quantiles for each measured latency.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #d5dae0; --paper: #fff; --mark: #0b62c4; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e8ec; --soft: #9aa5b1; --line: #343b44; --paper: #14181d; --mark: #62aaf5; } }
        body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 54rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; margin: 0 0 1.5rem; }
        td, th { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
        td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        p, caption, th { color: var(--soft); } caption { text-align: left; }
        svg text { fill: var(--soft); font-size: 11px; } svg .grid { stroke: var(--line); } svg .curve { stroke: var(--mark); fill: none; stroke-width: 2; }
        """;

    public static string Of(Report report, RunPlace place)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>{Text(report.Scenario)} load test</title><style>{Style}</style>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Text(report.Scenario)}</h1>");
        page.Append(CultureInfo.InvariantCulture, $"<p>{Text($"{place.Machine}; {place.Runtime}; {place.Date}; commit {place.Commit}")}</p>");
        page.Append("<table><caption>What was run</caption>");
        foreach ((string name, string value) in report.Settings)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(name)}<td>{Text(value)}");
        }

        page.Append("</table>");
        foreach (IGrouping<string, Figure> step in report.Figures.GroupBy(figure => figure.Step))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(step.Key)}</h2><table><tr><th>figure<th>median<th>least<th>greatest");
            foreach (Figure figure in step)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(figure.Name)}{Cell(figure.Value.Median)}{Cell(figure.Value.Least)}{Cell(figure.Value.Greatest)}");

                string Cell(double value) => $"<td class=\"n\">{value.ToString($"N{figure.Digits}", CultureInfo.InvariantCulture)}";
            }

            page.Append("</table>");
        }

        foreach (Latency latency in report.Latencies.Where(l => l.Durations.Count > 0))
        {
            AddLatency(page, latency);
        }

        return page.Append("</html>\n").ToString();
    }

    private static void AddLatency(StringBuilder page, Latency latency)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>Latency, {Text(latency.Step)}</h2>");
        page.Append(CultureInfo.InvariantCulture, $"<p>Milliseconds of {latency.Durations.Count} {Text(latency.Note)}, by the share that took no longer.</p>");
        const int Width = 760, Height = 220, Left = 60, Bottom = 24;
        double top = Math.Max(latency.Longest, 1e-6) * 1.05;
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"latency by quantile\">");
        for (int i = 0; i <= 4; i++)
        {
            double value = top * i / 4;
            page.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width}\" y1=\"{Y(value):0.0}\" y2=\"{Y(value):0.0}\"/>");
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{Y(value) + 4:0.0}\">{value:0.###}</text>");
        }

        page.Append("<polyline class=\"curve\" points=\"");
        for (int i = 0; i <= 120; i++)
        {
            // From 0 to 99.9%, each third of the way a tenth of what is left.
            double quantile = 1 - Math.Pow(10, -i / 40.0);
            page.Append(CultureInfo.InvariantCulture, $"{X(i):0.0},{Y(latency.Milliseconds(quantile)):0.0} ");
        }

        page.Append("\"/>");
        foreach ((int at, string label) in new[] { (0, "0%"), (40, "90%"), (80, "99%"), (114, "99.9%") })
        {
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(at):0.0}\" y=\"{Height - 4}\">{label}</text>");
        }

        page.Append("</svg>");

        double X(double i) => Left + ((Width - Left) * i / 120);

        double Y(double value) => (Height - Bottom) * (1 - (value / top)) + 4;
    }

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
