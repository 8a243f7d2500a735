using System.Text;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// Cuts a document's text into parts that are tokenized by themselves, so that a document of any size takes bounded memory: a part ends before 2^20
/// characters, behind the last line end there that no blank follows, where pieces of tokenizers end too; without one, at the last whole character.
/// Where it cuts depends on the document alone.
/// </summary>
internal sealed class TextCutter
{
    /// <summary>Characters of a part at most.</summary>
    public const int Most = 1 << 20;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly char[] _text = new char[2 * Most];
    private int _length;

    /// <summary>Adds bytes of the document. Those that are no UTF-8 become U+FFFD.</summary>
    /// <param name="bytes">UTF-8, cut anywhere.</param>
    /// <param name="ends">Whether they are the last; the next ones begin another document.</param>
    /// <param name="parts">Gets the parts that are now known, none of them empty.</param>
    public void Append(ReadOnlySpan<byte> bytes, bool ends, List<string> parts)
    {
        bool isDone = false;
        while (!isDone)
        {
            _decoder.Convert(bytes, _text.AsSpan(_length), ends, out int used, out int written, out isDone);
            bytes = bytes[used..];
            _length += written;
            Take(parts);
        }

        if (ends && _length > 0)
        {
            parts.Add(new string(_text, 0, _length));
            _length = 0;
        }
    }

    /// <summary>Adds text of the document.</summary>
    /// <param name="text">All of it: another document begins with the next.</param>
    /// <param name="parts">Gets the parts, none of them empty.</param>
    public static void Cut(ReadOnlySpan<char> text, List<string> parts)
    {
        while (text.Length > Most)
        {
            int end = EndIn(text);
            parts.Add(new string(text[..end]));
            text = text[end..];
        }

        if (!text.IsEmpty)
        {
            parts.Add(new string(text));
        }
    }

    private void Take(List<string> parts)
    {
        while (_length > Most)
        {
            int end = EndIn(_text.AsSpan(0, _length));
            parts.Add(new string(_text, 0, end));
            _text.AsSpan(end, _length - end).CopyTo(_text);
            _length -= end;
        }
    }

    private static int EndIn(ReadOnlySpan<char> text)
    {
        for (int end = Most; end > 0; end--)
        {
            if (text[end - 1] == '\n' && !char.IsWhiteSpace(text[end]))
            {
                return end;
            }
        }

        return char.IsHighSurrogate(text[Most - 1]) ? Most - 1 : Most;
    }
}
