using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Actors.Schedules.Tests.Drawing;

/// <summary>What a picture shows, read from its SVG: boxes, frames, bars and numbers by the row of a rank, texts and colours.</summary>
internal sealed partial class SvgPicture
{
    private const double RowPitch = 38;
    private const double RowHeight = 32;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly XElement _root;
    private readonly double _top;
    private readonly ILookup<int, (string Style, double X, double Y, string Digits)> _digitsByRank;

    private SvgPicture(XElement root)
    {
        _root = root;
        _top = Shapes("idle row").Min(row => row.Y) - RowHeight / 2;
        Width = (double)root.Attribute("width")!;
        Digits = [.. from text in root.Elements(Svg + "text")
                     from span in text.Elements(Svg + "tspan")
                     select (Class(text), (double)span.Attribute("x")!, (double)text.Attribute("y")!, span.Value)];
        _digitsByRank = Digits.ToLookup(digit => RankOf(digit.Y));
    }

    public double Width { get; }

    /// <summary>Base line of the legend's first line.</summary>
    public double LegendY => Texts.Where(text => text.Style == "ink").Min(text => text.Y);

    public string Title => _root.Element(Svg + "title")!.Value;

    /// <summary>The style sheet, light and dark.</summary>
    public string Css => _root.Element(Svg + "style")!.Value;

    public int RowCount => Shapes("idle row").Count();

    /// <summary>Fill and place of each chunk: in a row or half of one.</summary>
    public IReadOnlyList<(string Fill, bool IsHalf, Shape Place)> Boxes =>
        [.. from path in _root.Elements(Svg + "path")
            let style = Class(path).Split(' ')
            where style.Length == 2 && style[0] != "idle" && style[1] is "row" or "half"
            from shape in ShapesOf(path)
            select (style[0], style[1] == "half", shape)];

    /// <summary>Frames of pairs, that of the legend not among them.</summary>
    public IReadOnlyList<Shape> Frames => [.. Shapes("frame").Where(frame => frame.Y >= _top)];

    public IReadOnlyList<Shape> Bars => [.. Shapes("bar d").Concat(Shapes("bar l")).Where(bar => bar.Y >= _top)];

    public IReadOnlyList<string> Tooltips => [.. _root.Elements(Svg + "path").Elements(Svg + "title").Select(title => title.Value)];

    /// <summary>Texts that stand alone: headings, legend, labels.</summary>
    public IReadOnlyList<(string Style, double X, double Y, string Text)> Texts =>
        [.. from text in _root.Elements(Svg + "text")
            where text.Attribute("x") is not null
            select (Class(text), (double)text.Attribute("x")!, (double)text.Attribute("y")!, text.Value)];

    /// <summary>The digits in boxes, each line of them by itself.</summary>
    public IReadOnlyList<(string Style, double X, double Y, string Digits)> Digits { get; }

    public static SvgPicture Parse(string svg) => new(XDocument.Parse(svg).Root!);

    public int RankOf(double y) => (int)((y - _top) / RowPitch);

    /// <summary>The number that stands in a box, its digits in a line or below each other; null where there is none.</summary>
    public int? NumberIn(in Shape box, bool isHalf)
    {
        var (left, right) = (box.X, box.X + box.Width);
        var (top, bottom) = (box.Y - (isHalf ? RowHeight / 4 : RowHeight / 2), box.Y + (isHalf ? RowHeight / 4 : RowHeight / 2));
        var digits = string.Concat(_digitsByRank[RankOf(box.Y)]
            .Where(digit => digit.X > left && digit.X < right && digit.Y > top && digit.Y < bottom)
            .OrderBy(digit => digit.Y)
            .Select(digit => digit.Digits));
        return digits.Length == 0 ? null : int.Parse(digits, CultureInfo.InvariantCulture);
    }

    private static string Class(XElement element) => (string?)element.Attribute("class") ?? "";

    private static IEnumerable<Shape> ShapesOf(XElement path) =>
        from Match shape in ShapeText().Matches((string)path.Attribute("d")!)
        select new Shape(Number(shape, 1), Number(shape, 2), Number(shape, 3));

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private IEnumerable<Shape> Shapes(string style) =>
        _root.Elements(Svg + "path").Where(path => Class(path) == style).SelectMany(ShapesOf);

    [GeneratedRegex(@"M([\d.]+) ([\d.]+)h([\d.]+)")]
    private static partial Regex ShapeText();

    /// <summary>A horizontal line, or a rectangle by its upper edge.</summary>
    internal readonly record struct Shape(double X, double Y, double Width);
}
