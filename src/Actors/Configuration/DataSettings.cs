namespace Actors.Runtime.Configuration;

/// <summary><c>actors.data</c>: the text.</summary>
/// <param name="Paths">Files and folders; none: the C# sources of the repository.</param>
/// <param name="HeldOutFraction">Share of the text, at its end, that is never trained on.</param>
public sealed record DataSettings(IReadOnlyList<string> Paths, double HeldOutFraction)
{
    internal static DataSettings Read(SettingsReader reader) => new(
        reader.Texts("actors.data.paths"),
        reader.Double("actors.data.held-out-fraction", 0, 1, belowMost: true));
}
