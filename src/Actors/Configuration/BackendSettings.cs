namespace Actors.Runtime.Configuration;

/// <summary><c>actors.backend</c>: the device that computes.</summary>
/// <param name="Name">Which backend the composition root makes: <c>cpu</c>.</param>
public sealed record BackendSettings(string Name)
{
    internal static BackendSettings Read(SettingsReader reader) => new(reader.OneOf("actors.backend.name", "cpu"));
}
