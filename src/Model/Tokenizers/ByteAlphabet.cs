using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>
/// How byte-level vocabularies write bytes (GPT-2): a printable Latin-1 character stands for itself, the 68 other bytes are U+0100 to U+0143 in
/// their order, so that a blank is Ġ.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = MakeCharacters();
    private static readonly int[] Bytes = MakeBytes();

    /// <summary>The character of a byte.</summary>
    public static char Of(byte value) => Characters[value];

    /// <summary>
    /// The bytes that a token of the vocabulary writes. One with a character that stands for no byte, as added tokens may have, is taken as it is.
    /// </summary>
    public static byte[] BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            if (token[i] >= Bytes.Length || Bytes[token[i]] < 0)
            {
                return Encoding.UTF8.GetBytes(token);
            }

            bytes[i] = (byte)Bytes[token[i]];
        }

        return bytes;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[ByteTokenizer.Tokens];
        char next = '\u0100';
        for (int value = 0; value < characters.Length; value++)
        {
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)value : next++;
        }

        return characters;
    }

    private static int[] MakeBytes()
    {
        var bytes = new int[Characters.Max() + 1];
        Array.Fill(bytes, -1);
        for (int value = 0; value < Characters.Length; value++)
        {
            bytes[Characters[value]] = value;
        }

        return bytes;
    }
}
