using Actors.Model.Checkpoint;

namespace Actors.Model.Training;

/// <summary>
/// Files of a model's folder that training does not change and that every checkpoint of it needs: tokenizer, generation config, code that
/// config.json refers to. They are read when a run starts, because the folder may be gone when the last checkpoint is written.
/// </summary>
public sealed class CarriedFiles
{
    private static readonly string[] Patterns =
    [
        "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
        "vocab.txt", "merges.txt", "chat_template.*", "*.model", "configuration_*.py", "modeling_*.py", "tokenization_*.py",
    ];

    private readonly List<(string Name, byte[] Content)> _files = [];

    private CarriedFiles()
    {
    }

    /// <summary>No files: those of a model that was made here.</summary>
    public static CarriedFiles None { get; } = new();

    /// <summary>Names of the files.</summary>
    public IEnumerable<string> Names => _files.Select(file => file.Name);

    /// <summary>Reads the files of a model's folder or of a checkpoint; null: there is no folder.</summary>
    /// <exception cref="CheckpointException">A file cannot be read.</exception>
    public static CarriedFiles Read(string? folder)
    {
        if (folder is null)
        {
            return None;
        }

        var carried = new CarriedFiles();
        foreach (string path in Patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)).Distinct().Order(StringComparer.Ordinal))
        {
            try
            {
                carried._files.Add((Path.GetFileName(path), File.ReadAllBytes(path)));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new CheckpointException(path, $"cannot be read: {failure.Message.TrimEnd('.')}", failure);
            }
        }

        return carried;
    }

    /// <summary>Writes the files into a checkpoint's folder and syncs them.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Write(string folder)
    {
        foreach ((string name, byte[] content) in _files)
        {
            using FileStream file = new(Path.Combine(folder, name), FileMode.Create, FileAccess.Write, FileShare.None);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
    }
}
