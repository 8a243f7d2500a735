namespace Actors.Runtime.Configuration;

/// <summary><c>actors.backend</c>: the device that computes.</summary>
/// <param name="Name">Which of <see cref="Names"/> the composition root makes.</param>
/// <param name="ChecksMemory">Whether a run that needs more memory than the machine has is refused before it starts.</param>
public sealed record BackendSettings(string Name, bool ChecksMemory)
{
    /// <summary>The processor of the machine.</summary>
    public const string Cpu = "cpu";

    /// <summary>NVIDIA GPUs.</summary>
    public const string Cuda = "cuda";

    /// <summary>The devices that exist.</summary>
    public static IReadOnlyList<string> Names { get; } = [Cpu, Cuda];

    internal static BackendSettings Read(SettingsReader reader) =>
        new(reader.OneOf("actors.backend.name", [.. Names]), reader.Flag("actors.backend.memory-check"));
}
