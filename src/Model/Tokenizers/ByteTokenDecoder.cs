using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>
/// Turns a stream of byte tokens into text as soon as it can: a character of several bytes appears with its last one, and
/// bytes that are no UTF-8 become U+FFFD. One stream, one decoder.
/// </summary>
public sealed class ByteTokenDecoder
{
    // A byte that breaks a sequence ends it with one U+FFFD and may be a character itself; four bytes give a surrogate pair.
    private const int MaxCharacters = 4;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    /// <summary>The text that <paramref name="token"/> completes; empty inside a character.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The token is no byte.</exception>
    public string Append(int token)
    {
        if (token is < 0 or >= ByteTokenizer.VocabularySize)
        {
            throw new ArgumentOutOfRangeException(
                nameof(token), token, $"Token {token} is no byte: expected 0..{ByteTokenizer.VocabularySize - 1}.");
        }

        return Decode([(byte)token], flush: false);
    }

    /// <summary>Ends the stream: U+FFFD if a character is incomplete, else nothing. The decoder can then begin another.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = stackalloc char[MaxCharacters];
        int count = _decoder.GetChars(bytes, characters, flush);
        return new string(characters[..count]);
    }
}
