using System.Security.Cryptography;
using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>Text as UTF-8 bytes: a token is a byte, the vocabulary has 256, and no token begins or ends a text.</summary>
public sealed class ByteTokenizer : ITokenizer
{
    /// <summary>Number of tokens.</summary>
    public const int Tokens = 256;

    private const int PieceCharacters = 1024;

    private static readonly byte[] Bytes = [.. Enumerable.Range(0, Tokens).Select(value => (byte)value)];

    private ByteTokenizer()
    {
    }

    /// <summary>The tokenizer.</summary>
    public static ByteTokenizer Instance { get; } = new();

    /// <inheritdoc/>
    public int VocabularySize => Tokens;

    /// <inheritdoc/>
    public int? BeginToken => null;

    /// <inheritdoc/>
    public int? EndToken => null;

    /// <inheritdoc/>
    public bool AddsBeginToken => false;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Hash { get; } = SHA256.HashData("bytes"u8);

    /// <inheritdoc/>
    public string Name => "bytes";

    /// <summary>Widens bytes to tokens.</summary>
    /// <param name="bytes">UTF-8 text, or anything else.</param>
    /// <param name="tokens">Output, at least as long.</param>
    public static void Widen(ReadOnlySpan<byte> bytes, Span<int> tokens)
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

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Span<byte> bytes = stackalloc byte[PieceCharacters * 3];
        while (!text.IsEmpty)
        {
            int length = Math.Min(text.Length, PieceCharacters);
            length -= length < text.Length && char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
            foreach (byte value in bytes[..Encoding.UTF8.GetBytes(text[..length], bytes)])
            {
                tokens.Add(value);
            }

            text = text[length..];
        }
    }

    /// <summary>The bytes as they are, be they UTF-8 or not.</summary>
    public int[] EncodePrompt(ReadOnlySpan<byte> text)
    {
        var tokens = new int[text.Length];
        Widen(text, tokens);
        return tokens;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesOf(int token) => token is >= 0 and < Tokens
        ? Bytes.AsSpan(token, 1)
        : throw new ArgumentOutOfRangeException(nameof(token), token, $"Token {token} is no byte: expected 0..{Tokens - 1}.");

    /// <inheritdoc/>
    public int? Find(string token) => null;
}
