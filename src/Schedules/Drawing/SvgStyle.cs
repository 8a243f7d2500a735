using System.Globalization;
using System.Text;

namespace Actors.Schedules.Drawing;

/// <summary>
/// A picture's style sheet. Hue tells the lane, shade the kind of work: the darker, the more is computed. Fills and the inks on them serve
/// both schemes, with a contrast of at least 4.5 to 1; what surrounds them follows the reader's scheme.
/// </summary>
internal static class SvgStyle
{
    /// <summary>Size of the numbers in boxes, and of the small ones, in pixels.</summary>
    public const double NumberSize = 12;

    /// <inheritdoc cref="NumberSize"/>
    public const double SmallNumberSize = 10;

    private const string Common = """
        text{font:12px Arial,Helvetica,"Liberation Sans",sans-serif}.head{font-size:16px;font-weight:bold}
        .sub,.tick,.rank{font-size:11px}.right,.rank{text-anchor:end}.n,.s,.tick{text-anchor:middle}.s{font-size:10px}
        path{fill:none}.row{stroke-width:32}.half{stroke-width:15.5}.swatch{stroke-width:14}.swatch-half{stroke-width:7}
        .bar{stroke-width:2}.frame{stroke-width:1.5}
        .hit{pointer-events:all}.idle{stroke:url(#bubble)}text.d{fill:#10202f}text.l{fill:#fff}path.d{stroke:#10202f}path.l{stroke:#fff}
        .page{fill:#fff}.ink{fill:#1c2530}.sub{fill:#4a5561}.frame{stroke:#1c2530}.axis{stroke:#7b8590}
        .gap{fill:#eef0f2}.hatch{stroke:#a9b2bc}
        @media (prefers-color-scheme:dark){.page{fill:#14181d}.ink{fill:#e6eaef}.sub{fill:#b3bcc6}
        .frame{stroke:#fff}.axis{stroke:#808a95}.gap{fill:#1d2329}.hatch{stroke:#55606b}}
        """;

    // Per lane: forward, backward for input, backward for weights, full backward.
    private static readonly string[][] Fills =
    [
        ["#9ccbf5", "#5aa5e0", "#d6e8f8", "#1d64a5"],
        ["#f9c38c", "#ec9a4a", "#fce6d0", "#ad4f06"],
        ["#a3dcae", "#58b270", "#dbf1df", "#1c743a"],
        ["#d5bff2", "#ad8ade", "#ece3f9", "#6c3cae"],
    ];

    private static readonly ActionKind[] Kinds =
        [ActionKind.Forward, ActionKind.BackwardInput, ActionKind.BackwardWeights, ActionKind.Backward];

    /// <summary>The style sheet with the fills that a picture needs.</summary>
    public static string CssFor(DrawingInput input)
    {
        var css = new StringBuilder(Common).Append('\n');
        for (var lane = 0; lane < input.Lanes.Count; lane++)
        {
            foreach (var kind in Kinds)
            {
                if (input.Has(kind))
                {
                    css.Append('.').Append(ClassOf(kind, lane)).Append("{stroke:").Append(FillOf(kind, lane)).Append('}');
                }
            }
        }

        return css.ToString();
    }

    public static string FillOf(ActionKind kind, int lane) => Fills[lane][Array.IndexOf(Kinds, kind)];

    public static string ClassOf(ActionKind kind, int lane)
        => string.Create(CultureInfo.InvariantCulture, $"{char.ToLowerInvariant(StageActionText.LetterOf(kind))}{lane}");

    /// <summary>The ink on a fill: light on a full backward, else dark.</summary>
    public static string InkOn(ActionKind kind) => kind == ActionKind.Backward ? "l" : "d";
}
