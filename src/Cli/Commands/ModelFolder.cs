namespace Actors.Cli.Commands;

/// <summary>The folder of a model that an option names.</summary>
internal static class ModelFolder
{
    /// <summary>Refuses a folder that is none.</summary>
    public static string Require(string folder) => Directory.Exists(folder)
        ? folder
        : throw new UsageException($"--model: the folder {folder} does not exist; name one with config.json and model.safetensors");
}
