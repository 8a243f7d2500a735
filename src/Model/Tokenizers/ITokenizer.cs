using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>Text as the tokens of a model. Immutable; for any thread.</summary>
public interface ITokenizer
{
    /// <summary>One more than the largest token: the least vocabulary of a model that takes them all.</summary>
    int VocabularySize { get; }

    /// <summary>The token that begins a text; null: there is none.</summary>
    int? BeginToken { get; }

    /// <summary>The token that ends a text; null: there is none.</summary>
    int? EndToken { get; }

    /// <summary>Whether what is given to the model begins with <see cref="BeginToken"/>.</summary>
    bool AddsBeginToken { get; }

    /// <summary>SHA-256 of what decides the tokens (32 bytes): equal for tokenizers that give every text the same ones.</summary>
    ReadOnlyMemory<byte> Hash { get; }

    /// <summary>What it is and where it comes from, for messages.</summary>
    string Name { get; }

    /// <summary>Adds a text's tokens, without a begin or end token of their own; half a surrogate pair is read as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">Gets the tokens at its end.</param>
    void Encode(ReadOnlySpan<char> text, List<int> tokens);

    /// <summary>
    /// Adds the tokens of the rest of a text that was cut behind a line's end, where a tokenizer puts nothing before it: after those of what comes before they are the whole text's,
    /// unless a token goes across the line's end.
    /// </summary>
    /// <param name="text">The rest.</param>
    /// <param name="tokens">Gets the tokens at its end.</param>
    void EncodeRest(ReadOnlySpan<char> text, List<int> tokens) => Encode(text, tokens);

    /// <summary>Whether a text's tokens begin with a blank that the text does not have: <see cref="Decode"/> takes it away, and what goes on with a text has none.</summary>
    bool BeginsWithBlank => false;

    /// <summary>
    /// The UTF-8 bytes of a token, which may begin or end inside a character. None for a number without a token: a model may have a larger vocabulary
    /// than its tokenizer.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It can be no token, such as a number below 0.</exception>
    ReadOnlySpan<byte> BytesOf(int token);

    /// <summary>The token that is written so, such as <c>&lt;｜fim▁begin｜&gt;</c>; null: there is none.</summary>
    int? Find(string token);

    /// <summary>A text's tokens, without a begin or end token of their own.</summary>
    int[] Encode(string text)
    {
        var tokens = new List<int>();
        Encode(text.AsSpan(), tokens);
        return [.. tokens];
    }

    /// <summary>What a model is given to go on with: the text's tokens, after the begin token where it is added.</summary>
    /// <param name="text">UTF-8; what is none is read as U+FFFD.</param>
    int[] EncodePrompt(ReadOnlySpan<byte> text)
    {
        var tokens = new List<int>();
        if (AddsBeginToken && BeginToken is { } begin)
        {
            tokens.Add(begin);
        }

        Encode(Encoding.UTF8.GetString(text).AsSpan(), tokens);
        return [.. tokens];
    }

    /// <summary>The text of tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is no token.</exception>
    string Decode(ReadOnlySpan<int> tokens)
    {
        var decoder = new TokenDecoder(this);
        var text = new StringBuilder(tokens.Length);
        foreach (int token in tokens)
        {
            text.Append(decoder.Append(token));
        }

        text.Append(decoder.Flush());
        int dropped = BeginsWithBlank && text.Length > 0 && text[0] == ' ' ? 1 : 0;
        return text.ToString(dropped, text.Length - dropped);
    }
}
