namespace Actors.Runtime.Configuration;

/// <summary><c>actors.backend</c>: the device that computes.</summary>
/// <param name="Name">Which backend the composition root makes: <c>cpu</c>.</param>
/// <param name="ChecksMemory">Whether a run that needs more memory than the machine has is refused before it starts.</param>
public sealed record BackendSettings(string Name, bool ChecksMemory)
{
    internal static BackendSettings Read(SettingsReader reader) =>
        new(reader.OneOf("actors.backend.name", "cpu"), reader.Flag("actors.backend.memory-check"));
}
