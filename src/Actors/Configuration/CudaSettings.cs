namespace Actors.Runtime.Configuration;

/// <summary><c>actors.cuda</c>: NVIDIA GPUs.</summary>
/// <param name="Path">Folder of a toolkit or of its libraries, looked through first; null: none.</param>
public sealed record CudaSettings(string? Path)
{
    internal static CudaSettings Read(SettingsReader reader) => new(reader.OptionalText("actors.cuda.path"));
}
