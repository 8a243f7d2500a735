using Actors.Model.Checkpoint;

namespace Actors.Model.Tokenizers;

/// <summary>What transformers' <c>tokenizer_config.json</c> says of the tokens that begin and end a text.</summary>
/// <param name="Begin">The token that begins a text; null: not said.</param>
/// <param name="End">The token that ends a text; null: not said.</param>
/// <param name="AddsBegin">Whether a prompt begins with it; null: not said.</param>
internal sealed record TokenizerConfig(string? Begin, string? End, bool? AddsBegin)
{
    /// <summary>Name of the file beside tokenizer.json.</summary>
    public const string FileName = "tokenizer_config.json";

    /// <summary>Reads the file of a folder; without it nothing is said.</summary>
    /// <exception cref="CheckpointException">It is damaged.</exception>
    public static TokenizerConfig Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? ConfigObject.ReadFile(path, Read) : new TokenizerConfig(null, null, null);
    }

    /// <summary>Reads the content of the file of a folder, which is for messages; without any nothing is said.</summary>
    /// <exception cref="CheckpointException">It is damaged.</exception>
    public static TokenizerConfig Read(string folder, ReadOnlySpan<byte> content) =>
        content.IsEmpty ? new TokenizerConfig(null, null, null) : ConfigObject.ReadContent(Path.Combine(folder, FileName), content.ToArray(), Read);

    private static TokenizerConfig Read(ConfigObject root) =>
        new(Token(root, "bos_token"), Token(root, "eos_token"), root.OptionalBool("add_bos_token"));

    /// <summary>A token is written as a string, or as an object that has it as its content.</summary>
    private static string? Token(ConfigObject root, string key) =>
        !root.Has(key) || root.IsString(key) ? root.OptionalString(key) : root.OptionalObject(key)?.OptionalString("content");
}
