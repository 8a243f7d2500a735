using System.Globalization;
using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>
/// A text with one character for each code point, for .NET's regular expressions, which read UTF-16: to them a character beyond U+FFFF is two that
/// are neither letter nor number. Such a character is replaced by one of its general category, on which alone the patterns of tokenizers depend, beside the Han script.
/// </summary>
internal ref struct CodePoints
{
    private readonly int[]? _offsets;

    private CodePoints(ReadOnlySpan<char> text, int[]? offsets)
    {
        Text = text;
        _offsets = offsets;
    }

    /// <summary>A character for each code point.</summary>
    public ReadOnlySpan<char> Text { get; }

    /// <summary>Reads a text without halves of surrogate pairs.</summary>
    public static CodePoints Of(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return new CodePoints(text, null);
        }

        var replaced = new char[text.Length];
        var offsets = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; count++)
        {
            offsets[count] = i;
            if (char.IsHighSurrogate(text[i]))
            {
                replaced[count] = Substitute(new Rune(text[i], text[i + 1]));
                i += 2;
            }
            else
            {
                replaced[count] = text[i++];
            }
        }

        offsets[count] = text.Length;
        return new CodePoints(replaced.AsSpan(0, count), offsets);
    }

    /// <summary>Where a code point begins in the UTF-16 text; for their number, the text's length.</summary>
    public readonly int OffsetOf(int codePoint) => _offsets is null ? codePoint : _offsets[codePoint];

    /// <summary>A character of the same general category that no tokenizer's pattern names: of rare scripts where there is one.</summary>
    private static char Substitute(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        var category when HanScript.Has(rune, category) => HanScript.Substitute,
        UnicodeCategory.UppercaseLetter => '\u2C00',
        UnicodeCategory.LowercaseLetter => '\u2C30',
        UnicodeCategory.TitlecaseLetter => '\u1F88',
        UnicodeCategory.ModifierLetter => '\uA60C',
        UnicodeCategory.OtherLetter => '\uA500',
        UnicodeCategory.NonSpacingMark => '\uA8C4',
        UnicodeCategory.SpacingCombiningMark => '\uA8B4',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\uA620',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u1400',
        UnicodeCategory.OpenPunctuation => '\u0F3A',
        UnicodeCategory.ClosePunctuation => '\u0F3B',
        UnicodeCategory.InitialQuotePunctuation => '\u2E02',
        UnicodeCategory.FinalQuotePunctuation => '\u2E03',
        UnicodeCategory.OtherPunctuation => '\uA4FE',
        UnicodeCategory.MathSymbol => '\u2A00',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => '\uA490',
        UnicodeCategory.Format => '\u2060',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\uFFFE',
    };
}
