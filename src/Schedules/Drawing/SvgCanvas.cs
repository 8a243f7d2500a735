using System.Globalization;
using System.Text;

namespace Actors.Schedules.Drawing;

/// <summary>Writes the few SVG elements that a picture needs. Coordinates in pixels; classes are those of <see cref="SvgStyle"/>.</summary>
internal sealed class SvgCanvas(int capacity)
{
    private readonly StringBuilder _svg = new(capacity);

    public void Open(double width, double height, string title)
    {
        var text = XmlText.Escape(title);
        _svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0} {height:0}\" ");
        _svg.Append(CultureInfo.InvariantCulture, $"width=\"{width:0}\" height=\"{height:0}\" role=\"img\">\n");
        _svg.Append(CultureInfo.InvariantCulture, $"<title>{text}</title>\n<style>{SvgStyle.Css}</style>\n");
        Rect("page", 0, 0, width, height);
        EndLine();
    }

    public void OpenGroup(string? tooltip)
    {
        _svg.Append("<g>");
        if (tooltip is not null)
        {
            _svg.Append("<title>").Append(XmlText.Escape(tooltip)).Append("</title>");
        }
    }

    public void CloseGroup() => _svg.Append("</g>\n");

    public void Rect(string style, double x, double y, double width, double height)
    {
        _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{x:0.##}\" y=\"{y:0.##}\" ");
        _svg.Append(CultureInfo.InvariantCulture, $"width=\"{width:0.##}\" height=\"{height:0.##}\"/>");
    }

    public void Line(double x1, double y1, double x2, double y2)
    {
        _svg.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" ");
        _svg.Append(CultureInfo.InvariantCulture, $"x2=\"{x2:0.##}\" y2=\"{y2:0.##}\"/>");
    }

    public void Text(string style, double x, double y, string text)
    {
        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{x:0.##}\" y=\"{y:0.##}\">");
        _svg.Append(XmlText.Escape(text)).Append("</text>");
    }

    public void EndLine() => _svg.Append('\n');

    public string Close() => _svg.Append("</svg>\n").ToString();
}
