using System.Globalization;
using System.Text;

namespace Actors.Schedules.Drawing;

/// <summary>
/// A picture's style sheet. Hue tells the lane, shade the kind of work: the darker, the more is computed. Fills and the inks on them serve
/// both schemes, with a contrast of at least 4.5 to 1; what surrounds them follows the reader's scheme.
/// </summary>
internal static class SvgStyle
{
    /// <summary>Sizes of the numbers in boxes, from large to small.</summary>
    public static readonly SvgNumberStyle[] Numbers = [new(12, "n d", "n l"), new(11, "m d", "m l"), new(10, "s d", "s l")];

    private const string Common = """
        text{font:12px Arial,Helvetica,"Liberation Sans",sans-serif}.head{font-size:16px;font-weight:bold}
        .sub,.tick,.rank{font-size:11px}.right,.rank{text-anchor:end}.n,.m,.s,.tick{text-anchor:middle}.m{font-size:11px}.s{font-size:10px}
        path{fill:none}.row{stroke-width:32}.half{stroke-width:15.5}.swatch{stroke-width:14}.swatch-half{stroke-width:7}
        .bar{stroke-width:2}.frame{stroke-width:1.5}
        .hit{pointer-events:all}.idle{stroke:url(#bubble)}text.d{fill:#10202f}text.l{fill:#fff}path.d{stroke:#10202f}path.l{stroke:#fff}
        .page{fill:#fff}.ink{fill:#1c2530}.sub{fill:#4a5561}.frame{stroke:#1c2530}.axis{stroke:#7b8590}
        .gap{fill:#eef0f2}.hatch{stroke:#a9b2bc}
        @media (prefers-color-scheme:dark){.page{fill:#14181d}.ink{fill:#e6eaef}.sub{fill:#b3bcc6}
        .frame{stroke:#fff}.axis{stroke:#808a95}.gap{fill:#1d2329}.hatch{stroke:#55606b}}
        """;

    // Per lane, by kind: forward, backward for input, backward for weights, full backward.
    private static readonly string[][] Fills =
    [
        ["#8cc1f2", "#4f9cdb", "#c4dbf1", "#1a5c99"],
        ["#f7b877", "#e68d38", "#fadcbe", "#a84c05"],
        ["#93d3a0", "#4dab67", "#cbe8d1", "#1c743a"],
        ["#c9aeee", "#a17ddb", "#e0d2f5", "#6c3cae"],
    ];

    private static readonly string[] Heights = ["row", "half", "swatch", "swatch-half"];

    private static readonly string[] Boxes =
        [.. from height in Heights from lane in Enumerable.Range(0, Fills.Length) from kind in "fiwb" select $"{kind}{lane} {height}"];

    /// <summary>The style sheet with the fills that a picture needs.</summary>
    public static string CssFor(DrawingInput input)
    {
        var css = new StringBuilder(Common).Append('\n');
        for (var lane = 0; lane < input.Lanes.Count; lane++)
        {
            for (var kind = ActionKind.Forward; kind <= ActionKind.Backward; kind++)
            {
                if (input.Has(kind))
                {
                    var name = char.ToLowerInvariant(StageActionText.LetterOf(kind));
                    css.Append(CultureInfo.InvariantCulture, $".{name}{lane}{{stroke:{Fills[lane][(int)kind]}}}");
                }
            }
        }

        return css.ToString();
    }

    /// <summary>The classes of a box: its fill and its height.</summary>
    public static string BoxClass(ActionKind kind, int lane, SvgHeight height)
        => Boxes[((int)height * Fills.Length + lane) * Fills[0].Length + (int)kind];

    /// <summary>The classes of a bar on a fill.</summary>
    public static string BarClass(ActionKind kind) => HasLightInk(kind) ? "bar l" : "bar d";

    /// <summary>Whether what stands on a fill is light: on a full backward.</summary>
    public static bool HasLightInk(ActionKind kind) => kind == ActionKind.Backward;
}
