namespace Actors.Schedules.Drawing;

/// <summary>A picture's style sheet. Hue tells the direction (blue, orange), shade the kind of work; fills serve both schemes.</summary>
internal static class SvgStyle
{
    public const string Css = """
        .page{fill:#ffffff}.ink{fill:#1c2530}.idle{fill:#d5d9de}.axis{stroke:#8a939e}.frame{fill:none;stroke:#1c2530;stroke-width:1.5}
        text{font:12px system-ui,sans-serif}.head{font-size:15px;font-weight:600}.mb{font-size:11px;text-anchor:middle}
        .tick{font-size:11px;text-anchor:middle}.rank{text-anchor:end}
        .f0{fill:#9ccbf5}.i0{fill:#5aa5e0}.w0{fill:#d6e8f8}.b0{fill:#1d64a5}
        .f1{fill:#f9c38c}.i1{fill:#ec9a4a}.w1{fill:#fce6d0}.b1{fill:#ad4f06}
        .box{stroke:#ffffff;stroke-width:0.75}.dark{fill:#10202f}.light{fill:#ffffff}
        @media (prefers-color-scheme:dark){.page{fill:#14181d}.ink{fill:#e6eaef}.idle{fill:#2b3138}.axis{stroke:#77808b}
        .frame{stroke:#f2f5f8}.box{stroke:#14181d}}
        """;

    public static string FillOf(ActionKind kind, int hue) => $"{char.ToLowerInvariant(StageActionText.LetterOf(kind))}{hue}";

    public static string InkOn(ActionKind kind) => kind == ActionKind.Backward ? "light" : "dark";
}
