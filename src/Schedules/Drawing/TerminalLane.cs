namespace Actors.Schedules.Drawing;

/// <summary>How the chunks of a lane are written: its letters' case, and what follows them while the action lasts.</summary>
internal static class TerminalLane
{
    /// <summary>What fills the columns of a lane's actions behind their labels.</summary>
    public static char FillOf(int lane) => "-=~+"[lane];

    /// <summary>The letter of a kind of work: lower case in every second lane.</summary>
    public static char LetterOf(ActionKind kind, int lane)
    {
        var letter = StageActionText.LetterOf(kind);
        return lane % 2 == 0 ? letter : char.ToLowerInvariant(letter);
    }
}
