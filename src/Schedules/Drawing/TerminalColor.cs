namespace Actors.Schedules.Drawing;

/// <summary>A background and a foreground of the 256 terminal colours; the default value is no colour.</summary>
internal readonly record struct TerminalColor(byte Background, byte Foreground)
{
    private const byte Black = 16;
    private const byte White = 231;

    /// <summary>Blue for the first direction, orange for the second; the darker, the more work.</summary>
    public static TerminalColor Of(ActionKind kind, int hue) => (kind, hue) switch
    {
        (ActionKind.Forward, 0) => new(117, Black),
        (ActionKind.BackwardInput, 0) => new(74, Black),
        (ActionKind.BackwardWeights, 0) => new(153, Black),
        (ActionKind.Backward, 0) => new(25, White),
        (ActionKind.Forward, _) => new(216, Black),
        (ActionKind.BackwardInput, _) => new(173, Black),
        (ActionKind.BackwardWeights, _) => new(223, Black),
        (ActionKind.Backward, _) => new(130, White),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A pair has two colours."),
    };
}
