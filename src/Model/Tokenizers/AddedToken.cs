using Actors.Model.Checkpoint;

namespace Actors.Model.Tokenizers;

/// <summary>A token that a tokenizer.json adds to the model's.</summary>
/// <param name="Text">How it is written.</param>
/// <param name="Id">Its number.</param>
/// <param name="IsNormalized">Whether it is looked for after the text has been normalized, not before.</param>
internal sealed record AddedToken(string Text, int Id, bool IsNormalized)
{
    /// <summary>Reads one of <c>added_tokens</c>.</summary>
    public static AddedToken Read(ConfigObject token)
    {
        token.Expect("single_word", only: false);
        token.Expect("lstrip", only: false);
        token.Expect("rstrip", only: false);
        string text = token.OptionalString("content") is { Length: > 0 } content ? content : throw token.Wrong("content", "is missing");
        int id = token.Int("id");
        return id >= 0
            ? new AddedToken(text, id, token.OptionalBool("normalized") ?? true)
            : throw token.Wrong("id", $"is {id}, expected 0 or more");
    }
}
