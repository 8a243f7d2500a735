using System.Security.Cryptography;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tokenizers;

/// <summary>What a byte-pair tokenizer is read from, for a process that does not see its folder.</summary>
public sealed class TokenizerFiles
{
    private readonly byte[] _content;
    private readonly int _jsonBytes;

    /// <summary>Takes the content of the files.</summary>
    /// <param name="name">The tokenizer.json, for messages.</param>
    /// <param name="content">Its content, then that of the tokenizer_config.json beside it, if there is one.</param>
    /// <param name="jsonBytes">Bytes of the first.</param>
    public TokenizerFiles(string name, byte[] content, int jsonBytes)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)jsonBytes, (uint)content.Length, nameof(jsonBytes));
        (Name, _content, _jsonBytes) = (name, content, jsonBytes);
        Hash = SHA256.HashData(content);
    }

    /// <summary>The tokenizer.json, for messages.</summary>
    public string Name { get; }

    /// <summary>Both files, one after the other.</summary>
    public ReadOnlyMemory<byte> Content => _content;

    /// <summary>SHA-256 of both (32 bytes).</summary>
    public ReadOnlyMemory<byte> Hash { get; }

    /// <summary>Content of the tokenizer.json.</summary>
    public ReadOnlyMemory<byte> Json => _content.AsMemory(0, _jsonBytes);

    /// <summary>Content of the tokenizer_config.json; empty: there is none.</summary>
    public ReadOnlyMemory<byte> Config => _content.AsMemory(_jsonBytes);

    /// <summary>Reads the files of a folder; null: it has no tokenizer.json, so its model's tokens are bytes.</summary>
    /// <exception cref="CheckpointException">They cannot be read.</exception>
    public static TokenizerFiles? Read(string folder)
    {
        string path = Path.Combine(folder, TokenizerFile.FileName), config = Path.Combine(folder, TokenizerConfig.FileName);
        if (!BytePairTokenizer.IsIn(folder))
        {
            return null;
        }

        byte[] json = ConfigObject.ContentOf(path);
        return new TokenizerFiles(path, [.. json, .. File.Exists(config) ? ConfigObject.ContentOf(config) : []], json.Length);
    }
}
