namespace Actors.Schedules.Drawing;

/// <summary>A background and a foreground of the 256 terminal colours; the default value is no colour.</summary>
internal readonly record struct TerminalColor(byte Background, byte Foreground)
{
    private const byte Black = 16;
    private const byte White = 231;

    // Per lane (blue, orange, green, purple): forward, backward for input, backward for weights, full backward.
    private static readonly byte[][] Backgrounds = [[117, 74, 195, 25], [216, 173, 223, 130], [114, 71, 194, 22], [183, 140, 225, 91]];

    /// <summary>Hue by lane; the darker, the more is computed.</summary>
    public static TerminalColor Of(ActionKind kind, int lane)
    {
        var ofLane = Backgrounds[lane];
        return kind switch
        {
            ActionKind.Forward => new(ofLane[0], Black),
            ActionKind.BackwardInput => new(ofLane[1], Black),
            ActionKind.BackwardWeights => new(ofLane[2], Black),
            ActionKind.Backward => new(ofLane[3], White),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A pair has two colours."),
        };
    }
}
