using System.Text;

namespace Actors.Model.Tests.Tokenizers;

/// <summary>Random text of many scripts, with words and tokens that models have.</summary>
internal static class RandomTexts
{
    /// <summary>
    /// Ranges that are assigned in every version of Unicode since 9, so that both sides know the same characters: ASCII, Latin, marks, Greek, Cyrillic,
    /// Arabic digits, Devanagari, Georgian, Hangul, punctuation, currency, letterlike, numbers, arrows, boxes, kana, ideographs, full width; and beyond
    /// U+FFFF: Gothic, cuneiform, mathematical letters and digits, emoji, ideographs of extension B.
    /// </summary>
    private static readonly (int First, int Last)[] Ranges =
    [
        (0x20, 0x7E), (0x20, 0x7E), (0x20, 0x7E), (0x09, 0x0D), (0x20, 0x20), (0x20, 0x20), (0xA0, 0x17F), (0x300, 0x33F), (0x391, 0x3A1), (0x410, 0x44F),
        (0x660, 0x669), (0x905, 0x939), (0x10D0, 0x10F0), (0xAC00, 0xAC80), (0x2000, 0x2027), (0x2028, 0x202F), (0x20A0, 0x20AF), (0x2100, 0x2138),
        (0x2150, 0x2188), (0x2190, 0x21FF), (0x2500, 0x257F), (0x3005, 0x3007), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x4E80), (0xF900, 0xF920), (0xFF01, 0xFF5E),
        (0x10330, 0x1034A), (0x12000, 0x12040), (0x1D400, 0x1D454), (0x1D7CE, 0x1D7FF), (0x1F600, 0x1F64F), (0x20000, 0x20040), (0x1D165, 0x1D169),
    ];

    private static readonly string[] Words =
        ["the", "cat", "'s", "'LL", "'ſ", "Hello", "1234567", "\r\n", "\n\n", "   ", "<|end|>", "<|endo|>", "<|en", "<｜fim▁hole｜>", "<s>", "</s>", "<|soft|>", "▁", "<0x41>", "😀", "𝐀b", "--", "é", "e\u0301", "世界"];

    /// <summary>The next text.</summary>
    public static string Next(Random random)
    {
        var text = new StringBuilder();
        for (int n = random.Next(1, 30); n > 0; n--)
        {
            (int first, int last) = Ranges[random.Next(Ranges.Length)];
            text.Append(random.Next(3) == 0 ? Words[random.Next(Words.Length)] : new Rune(random.Next(first, last + 1)).ToString());
        }

        return text.ToString();
    }

    /// <summary>Its characters, for messages.</summary>
    public static string Shown(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => $"{rune.Value:X}"));
}
