using System.Globalization;
using System.Text;

namespace Actors.Schedules.Drawing;

/// <summary>
/// Writes the few SVG elements that a picture needs. Coordinates in pixels; classes are those of <see cref="SvgStyle"/>. Shapes and numbers
/// of one class are gathered into one element each, which keeps the file of thousands of boxes small.
/// </summary>
internal sealed class SvgCanvas(int capacity)
{
    private readonly StringBuilder _svg = new(capacity);
    private readonly OrderedDictionary<(SvgLayer Layer, string Style), StringBuilder> _paths = [];
    private readonly OrderedDictionary<(string Style, double Y), StringBuilder> _numbers = [];

    public void Open(double width, double height, string title, string css)
    {
        _svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0} {height:0}\" ");
        _svg.Append(CultureInfo.InvariantCulture, $"width=\"{width:0}\" height=\"{height:0}\" role=\"img\">\n");
        _svg.Append(CultureInfo.InvariantCulture, $"<title>{XmlText.Escape(title)}</title>\n<style>{css}</style>\n");
        _svg.Append("<defs><pattern id=\"bubble\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" ");
        _svg.Append("patternTransform=\"rotate(45)\"><rect class=\"gap\" width=\"5\" height=\"5\"/>");
        _svg.Append("<path class=\"hatch\" d=\"M0 0v5\"/></pattern></defs>\n");
        _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"page\" width=\"{width:0}\" height=\"{height:0}\"/>\n");
    }

    public void Text(string style, double x, double y, string text)
    {
        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{x:0.#}\" y=\"{y:0.#}\">");
        _svg.Append(XmlText.Escape(text)).Append("</text>\n");
    }

    /// <summary>Adds the outline of a rectangle to the shapes of a class, which <see cref="FlushShapes"/> writes.</summary>
    public void Outline(SvgLayer layer, string style, in SvgBox box) => AppendOutline(PathOf(layer, style), box);

    /// <summary>
    /// Adds a horizontal line to the shapes of a class. Boxes are such lines, as thick as they are high: half as long to write.
    /// </summary>
    public void Horizontal(SvgLayer layer, string style, double x, double y, double length)
        => PathOf(layer, style).Append(CultureInfo.InvariantCulture, $"M{x:0.#} {y:0.#}h{length:0.##}");

    /// <summary>Adds a vertical line to the shapes of a class.</summary>
    public void Vertical(SvgLayer layer, string style, double x, double y, double length)
        => PathOf(layer, style).Append(CultureInfo.InvariantCulture, $"M{x:0.#} {y:0.#}v{length:0.#}");

    /// <summary>Adds a text to those of a class on one base line, which <see cref="FlushNumbers"/> writes.</summary>
    public void Number(string style, double x, double y, ReadOnlySpan<char> digits)
    {
        if (!_numbers.TryGetValue((style, y), out var line))
        {
            _numbers.Add((style, y), line = new StringBuilder());
        }

        line.Append(CultureInfo.InvariantCulture, $"<tspan x=\"{x:0.#}\">{digits}</tspan>");
    }

    /// <summary>Writes the gathered shapes, an element for each class, layer by layer.</summary>
    public void FlushShapes()
    {
        foreach (var ((_, style), path) in _paths.OrderBy(gathered => gathered.Key.Layer))
        {
            _svg.Append("<path class=\"").Append(style).Append("\" d=\"").Append(path).Append("\"/>\n");
        }

        _paths.Clear();
    }

    /// <summary>Writes the gathered numbers, an element for each class and base line.</summary>
    public void FlushNumbers()
    {
        foreach (var ((style, y), line) in _numbers)
        {
            _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" y=\"{y:0.#}\">{line}</text>\n");
        }

        _numbers.Clear();
    }

    /// <summary>Writes what a reader sees who points at a box.</summary>
    public void Tooltip(in SvgBox box, string text)
    {
        AppendOutline(_svg.Append("<path class=\"hit\" d=\""), box);
        _svg.Append("\"><title>").Append(XmlText.Escape(text)).Append("</title></path>\n");
    }

    public string Close() => _svg.Append("</svg>\n").ToString();

    private static void AppendOutline(StringBuilder path, in SvgBox box)
        => path.Append(CultureInfo.InvariantCulture, $"M{box.Left:0.#} {box.Top:0.#}h{box.Width:0.#}v{box.Height:0.#}h-{box.Width:0.#}z");

    private StringBuilder PathOf(SvgLayer layer, string style)
    {
        if (!_paths.TryGetValue((layer, style), out var path))
        {
            _paths.Add((layer, style), path = new StringBuilder());
        }

        return path;
    }
}
