using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>Texts as tokenizers read them: UTF-16 whose surrogates stand in pairs.</summary>
internal static class WholeCharacters
{
    /// <summary>The text with U+FFFD for each half of a pair; the text itself where there is none.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> text)
    {
        int at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (at >= 0)
        {
            bool isPair = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]);
            if (!isPair)
            {
                return Replaced(text);
            }

            int next = text[(at + 2)..].IndexOfAnyInRange('\uD800', '\uDFFF');
            at = next < 0 ? next : at + 2 + next;
        }

        return text;
    }

    private static string Replaced(ReadOnlySpan<char> text)
    {
        var whole = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            whole.Append(rune);
        }

        return whole.ToString();
    }
}
