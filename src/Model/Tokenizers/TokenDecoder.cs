using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>
/// Turns a stream of tokens into text as soon as it can: a character whose bytes lie in several tokens appears with its last one, and
/// bytes that are no UTF-8 become U+FFFD. One stream, one decoder. Blanks stay: what is decoded may go on with a text.
/// </summary>
public sealed class TokenDecoder(ITokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>The text that <paramref name="token"/> completes; empty inside a character.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no token.</exception>
    public string Append(int token) => Decode(tokenizer.BytesOf(token), flush: false);

    /// <summary>Ends the stream: U+FFFD if a character is incomplete, else nothing. The decoder can then begin another.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        Span<char> characters = most <= 256 ? stackalloc char[most] : new char[most];
        int count = _decoder.GetChars(bytes, characters, flush);
        return new string(characters[..count]);
    }
}
