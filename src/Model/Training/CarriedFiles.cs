using Actors.Model.Checkpoint;
using Actors.Model.Tokenizers;

namespace Actors.Model.Training;

/// <summary>
/// Files of a model's folder that training does not change and that every checkpoint of it needs: tokenizer, generation config, code that
/// config.json refers to. They are read when a run starts, because the folder may be gone when the last checkpoint is written.
/// </summary>
public sealed class CarriedFiles
{
    private static readonly string[] TokenizerPatterns =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
        "chat_template.*", "*.model", "tokenization_*.py",
    ];

    private static readonly string[] Patterns = [GenerationConfig.FileName, .. TokenizerPatterns, "configuration_*.py", "modeling_*.py"];

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
        var carried = new CarriedFiles();
        if (folder is not null)
        {
            carried.Add(folder, Patterns);
        }

        return carried;
    }

    /// <summary>
    /// Files for a model that is trained with a tokenizer: the same ones, with the tokenizer's and a generation config that names its begin and end tokens
    /// where there are none yet.
    /// </summary>
    /// <exception cref="CheckpointException">A file cannot be read.</exception>
    public CarriedFiles With(ITokenizer tokenizer)
    {
        if (tokenizer is not BytePairTokenizer pairs || Names.Contains(TokenizerFile.FileName))
        {
            return this;
        }

        var carried = new CarriedFiles();
        carried._files.AddRange(_files);
        carried.Add(Path.GetDirectoryName(pairs.File)!, [.. TokenizerPatterns.Where(pattern => pattern != TokenizerFile.FileName)]);
        carried._files.Add((TokenizerFile.FileName, File.ReadAllBytes(pairs.File)));
        if (!Names.Contains(GenerationConfig.FileName) && (pairs.BeginToken ?? pairs.EndToken) is not null)
        {
            carried._files.Add((GenerationConfig.FileName, GenerationConfig.Of(pairs.BeginToken, pairs.EndToken)));
        }

        return carried;
    }

    private void Add(string folder, string[] patterns)
    {
        foreach (string path in patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)).Distinct().Order(StringComparer.Ordinal))
        {
            try
            {
                _files.Add((Path.GetFileName(path), File.ReadAllBytes(path)));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new CheckpointException(path, $"cannot be read: {failure.Message.TrimEnd('.')}", failure);
            }
        }
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
