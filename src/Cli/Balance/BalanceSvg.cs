using System.Globalization;
using System.Text;

namespace Actors.Cli.Balance;

/// <summary>Draws <see cref="BalanceSeries"/>: a thin line a layer, a thick one for the mean of all, over the steps.</summary>
internal static class BalanceSvg
{
    private const int Width = 900, Height = 360, Left = 56, Right = 16, Top = 40, Bottom = 40, MostPoints = 400;

    /// <summary>The picture. Where there are more steps than points, a point is the mean of neighbours.</summary>
    public static string Draw(BalanceSeries series)
    {
        int points = Math.Min(series.Steps.Length, MostPoints);
        double[][] lines = [.. Enumerable.Range(0, series.Layers.Length).Select(layer => PointsOf(series, layer, points))];
        double[] mean = [.. Enumerable.Range(0, points).Select(point => lines.Select(line => line[point]).Where(value => !double.IsNaN(value)).Average())];
        double largest = lines.SelectMany(line => line).Where(value => !double.IsNaN(value)).Max(), unit = UnitOf(largest), top = Math.Ceiling(Math.Max(largest, unit) / unit) * unit;
        var svg = new StringBuilder();
        Append(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\">");
        Append(svg, $"<title>MaxVio of {series.Layers.Length} layers, steps {series.Steps[0]} to {series.Steps[^1]}</title>");
        svg.Append(
            "<style>text{font:12px Arial,Helvetica,sans-serif;fill:#1c2530}.r{text-anchor:end}path{fill:none}.g{stroke:#d5dae0}.l{stroke:#8cb4dc}.m{stroke:#a84c05;stroke-width:2.5}"
            + ".p{fill:#fff}@media (prefers-color-scheme:dark){.p{fill:#14181d}text{fill:#e6eaef}.g{stroke:#2c343c}.l{stroke:#35608c}.m{stroke:#f7b877}}</style>\n");
        Append(svg, $"<rect class=\"p\" width=\"{Width}\" height=\"{Height}\"/>");
        Append(svg, $"<text x=\"{Left}\" y=\"22\">MaxVio: load of the most chosen expert by the mean, less 1. Thin: each of {series.Layers.Length} layers; thick: their mean.</text>");
        for (double tick = 0; tick <= top + (unit / 2); tick += unit)
        {
            double y = YOf(tick, top);
            Append(svg, $"<path class=\"g\" d=\"M{Left} {y:0.#}H{Width - Right}\"/><text class=\"r\" x=\"{Left - 8}\" y=\"{y + 4:0.#}\">{tick:0.###}</text>");
        }

        foreach (double[] line in lines)
        {
            Append(svg, $"<path class=\"l\" d=\"{PathOf(line, top)}\"/>");
        }

        Append(svg, $"<path class=\"m\" d=\"{PathOf(mean, top)}\"/>");
        Append(svg, $"<text x=\"{Left}\" y=\"{Height - 14}\">step {series.Steps[0]}</text><text class=\"r\" x=\"{Width - Right}\" y=\"{Height - 14}\">step {series.Steps[^1]}</text>");
        return svg.Append("</svg>\n").ToString();
    }

    private static double[] PointsOf(BalanceSeries series, int layer, int points) =>
        [.. Enumerable.Range(0, points).Select(point => series.Mean(layer, (double)point / points, (point + 1.0) / points))];

    /// <summary>1, 2 or 5 times a power of ten, so that there are four to ten lines.</summary>
    private static double UnitOf(double largest)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(largest, 1e-3) / 2)));
        return new[] { 0.5, 1, 2, 5 }.Select(factor => factor * power).First(unit => largest / unit <= 10);
    }

    private static double YOf(double value, double top) => Height - Bottom - (value / top * (Height - Top - Bottom));

    private static string PathOf(double[] line, double top)
    {
        var path = new StringBuilder();
        bool isDrawing = false;
        for (int point = 0; point < line.Length; point++)
        {
            if (double.IsNaN(line[point]))
            {
                isDrawing = false;
                continue;
            }

            double x = Left + ((Width - Left - Right) * (line.Length == 1 ? 0.5 : (double)point / (line.Length - 1)));
            path.Append(CultureInfo.InvariantCulture, $"{(isDrawing ? 'L' : 'M')}{x:0.#} {YOf(line[point], top):0.#}");
            isDrawing = true;
        }

        return path.ToString();
    }

    private static void Append(StringBuilder svg, FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
