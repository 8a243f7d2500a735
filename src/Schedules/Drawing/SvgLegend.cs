namespace Actors.Schedules.Drawing;

/// <summary>
/// The legend of a picture: the kinds of work that occur in each lane's colour, a pair's frame, the bubble, and what lanes are. Its entries
/// go on in a next line where they are wider than the picture.
/// </summary>
internal sealed class SvgLegend
{
    /// <summary>Height of one line, in pixels.</summary>
    public const int LineHeight = 22;

    private const int Swatch = 14;
    private const int Gap = 18;
    private const double CharacterWidth = 5.8;

    private static readonly (ActionKind Kind, string Label)[] Kinds =
    [
        (ActionKind.Forward, "F forward"),
        (ActionKind.BackwardInput, "I backward for input"),
        (ActionKind.BackwardWeights, "W backward for weights"),
        (ActionKind.Backward, "B full backward"),
    ];

    private readonly List<Entry> _entries = [];
    private readonly double _left;
    private readonly double _right;

    public SvgLegend(DrawingInput input, bool hasNumbers, double left, double right)
    {
        (_left, _right) = (left, right);
        var lanes = input.Lanes.Count;
        foreach (var (kind, label) in Kinds)
        {
            if (input.Has(kind))
            {
                Add(label, lanes, (canvas, box) => DrawWork(canvas, kind, lanes, box));
            }
        }

        if (input.Has(ActionKind.Pair))
        {
            Add("F&B overlapped", 1, (canvas, box) => DrawPair(canvas, lanes, box));
        }

        Add("bubble", 2, (canvas, box) => canvas.Horizontal(SvgLayer.Bubble, "idle swatch", box.Left, box.Middle, 2 * Swatch));
        if (lanes > 1 && input.Has(ActionKind.Forward))
        {
            AddLanes(input.Lanes);
        }

        if (hasNumbers)
        {
            Add("number: micro-batch", 0, (_, _) => { });
        }
    }

    /// <summary>Number of lines.</summary>
    public int Lines { get; private set; } = 1;

    /// <summary>Draws the entries, the first line with its top at a place.</summary>
    public void Draw(SvgCanvas canvas, double top)
    {
        foreach (var entry in _entries)
        {
            var box = new SvgBox(entry.Left, top + entry.Line * LineHeight, Swatch, Swatch);
            entry.DrawSwatches(canvas, box);
            canvas.Text("ink", entry.LabelLeft, box.Top + 11, entry.Label);
        }
    }

    private static void DrawWork(SvgCanvas canvas, ActionKind kind, int lanes, SvgBox first)
    {
        for (var lane = 0; lane < lanes; lane++)
        {
            canvas.Horizontal(
                SvgLayer.Box, SvgStyle.BoxClass(kind, lane, SvgHeight.Swatch), first.Left + lane * Swatch, first.Middle, Swatch);
        }
    }

    private static void DrawPair(SvgCanvas canvas, int lanes, SvgBox box)
    {
        var (upper, lower) = (box.UpperHalf(), box.LowerHalf());
        var forward = SvgStyle.BoxClass(ActionKind.Forward, 0, SvgHeight.HalfSwatch);
        var backward = SvgStyle.BoxClass(ActionKind.Backward, lanes > 1 ? 1 : 0, SvgHeight.HalfSwatch);
        canvas.Horizontal(SvgLayer.Box, forward, upper.Left, upper.Middle, Swatch);
        canvas.Horizontal(SvgLayer.Box, backward, lower.Left, lower.Middle, Swatch);
        canvas.Outline(SvgLayer.Frame, "frame", box);
    }

    private void AddLanes(DrawingLanes lanes)
    {
        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var drawn = lane;
            Add(
                lanes.NameOf(lane),
                1,
                (canvas, box) => SvgActionBox.DrawBlank(canvas, SvgHeight.Swatch, ActionKind.Forward, drawn, box),
                startsLine: lane == 0);
        }
    }

    private void Add(string label, int swatches, Action<SvgCanvas, SvgBox> drawSwatches, bool startsLine = false)
    {
        var labelOffset = swatches == 0 ? 0 : swatches * Swatch + 5;
        var width = labelOffset + label.Length * CharacterWidth;
        var left = _entries.Count == 0 ? _left : _entries[^1].Right + Gap;
        if (left > _left && (startsLine || left + width > _right))
        {
            Lines++;
            left = _left;
        }

        _entries.Add(new Entry(label, left, left + labelOffset, left + width, Lines - 1, drawSwatches));
    }

    private sealed record Entry(
        string Label, double Left, double LabelLeft, double Right, int Line, Action<SvgCanvas, SvgBox> DrawSwatches);
}
