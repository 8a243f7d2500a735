using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>Text as UTF-8 bytes: a token is a byte, the vocabulary has 256.</summary>
public static class ByteTokenizer
{
    /// <summary>Number of tokens.</summary>
    public const int VocabularySize = 256;

    /// <summary>The tokens of a text; half a surrogate pair becomes U+FFFD.</summary>
    public static int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Array.ConvertAll(Encoding.UTF8.GetBytes(text), value => (int)value);
    }

    /// <summary>Widens bytes to tokens.</summary>
    /// <param name="bytes">UTF-8 text, or anything else.</param>
    /// <param name="tokens">Output, at least as long.</param>
    public static void Encode(ReadOnlySpan<byte> bytes, Span<int> tokens)
    {
        if (tokens.Length < bytes.Length)
        {
            throw new ArgumentException($"{bytes.Length} bytes do not fit into {tokens.Length} tokens.", nameof(tokens));
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            tokens[i] = bytes[i];
        }
    }

    /// <summary>The text of tokens; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is no byte.</exception>
    public static string Decode(ReadOnlySpan<int> tokens)
    {
        var decoder = new ByteTokenDecoder();
        var text = new StringBuilder(tokens.Length);
        foreach (int token in tokens)
        {
            text.Append(decoder.Append(token));
        }

        return text.Append(decoder.Flush()).ToString();
    }
}
