using System.Text;
using Actors.Model.Tokenizers;

namespace Actors.Model.Tests.Tokenizers;

/// <summary>Tokens are those of Hugging Face's tokenizers library, on random text of many scripts.</summary>
public sealed class BytePairsEqualReference : IDisposable
{
    private const int Texts = 1500;

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
        ["the", "cat", "'s", "'LL", "'ſ", "Hello", "1234567", "\r\n", "\n\n", "   ", "<|end|>", "<|endo|>", "<|en", "<｜fim▁hole｜>", "😀", "𝐀b", "--", "é", "e\u0301", "世界"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TokenizersLibraryTheory]
    [InlineData(TinyBytePairs.DeepSeekPieces, false, false)]
    [InlineData(TinyBytePairs.Gpt2Pieces, false, false)]
    [InlineData(TinyBytePairs.Gpt2PiecesWithBlank, false, false)]
    [InlineData(TinyBytePairs.Llama3Pieces, false, true)]
    [InlineData(TinyBytePairs.Llama3Pieces, true, false)]
    [InlineData(TinyBytePairs.DigitPieces, false, false)]
    [InlineData(TinyBytePairs.KimiPieces, false, false)]
    [InlineData(TinyBytePairs.HanPieces, false, false)]
    public void Any_text_has_the_same_tokens_and_comes_back(string pieces, bool composes, bool ignoresMerges)
    {
        string path = _folder.Write("tokenizer.json", TinyBytePairs.Json(
            pieces,
            ("normalizer", composes ? """{"type": "NFC"}""" : "null"),
            ("model.ignore_merges", ignoresMerges ? "true" : "false")));
        ITokenizer tokenizer = BytePairTokenizer.Read(path);
        using var reference = new global::Tokenizers.DotNet.Tokenizer(path);
        var random = new Random(17);
        for (int i = 0; i < Texts; i++)
        {
            string text = RandomText(random);
            int[] expected = [.. reference.Encode(text).Select(token => (int)token)];
            int[] tokens = tokenizer.Encode(text);

            Assert.True(expected.AsSpan().SequenceEqual(tokens), $"text {i} {Shown(text)}: {string.Join(' ', expected)} expected, {string.Join(' ', tokens)} found");
            Assert.Equal(reference.Decode([.. expected.Select(token => (uint)token)]), SkippingSpecial(tokenizer, tokens));
            if (pieces == TinyBytePairs.Gpt2Pieces || (pieces == TinyBytePairs.DeepSeekPieces))
            {
                Assert.Equal(text, tokenizer.Decode(tokens));
            }
        }
    }

    /// <summary>The pattern removes ideographs, so a character that only one of the two takes for one has tokens in the other.</summary>
    [TokenizersLibraryTheory]
    [InlineData(0x2E00, 0x3100)]
    [InlineData(0x33F0, 0x4E40)]
    [InlineData(0x9F80, 0xA010)]
    [InlineData(0xF8F0, 0xFB10)]
    [InlineData(0x16FD0, 0x16FE1)]
    [InlineData(0x1FFF0, 0x20010)]
    [InlineData(0x2A6D0, 0x2A6D6)]
    [InlineData(0x2CEB0, 0x2CEC0)]
    [InlineData(0x2F7F0, 0x2FA40)]
    public void The_same_characters_are_ideographs(int first, int last)
    {
        string path = _folder.Write("tokenizer.json", TinyBytePairs.Json(
            """
            {"type": "Sequence", "pretokenizers": [
              {"type": "Split", "pattern": {"Regex": "[\\p{Han}]"}, "behavior": "Removed", "invert": false},
              {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
            """));
        ITokenizer tokenizer = BytePairTokenizer.Read(path);
        using var reference = new global::Tokenizers.DotNet.Tokenizer(path);
        int[] different = [.. Enumerable.Range(first, last - first + 1).Where(value =>
            tokenizer.Encode(new Rune(value).ToString()).Length != reference.Encode(new Rune(value).ToString()).Length)];
        Assert.True(different.Length == 0, string.Join(' ', different.Select(value => $"{value:X}")));
    }

    /// <summary>The library leaves special tokens out when it decodes.</summary>
    private static string SkippingSpecial(ITokenizer tokenizer, int[] tokens)
    {
        int[] special = [.. new[] { "<|end|>", "<|endo|>", "<｜fim▁hole｜>" }.Select(token => tokenizer.Find(token)!.Value)];
        return tokenizer.Decode([.. tokens.Where(token => !special.Contains(token))]);
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (int n = random.Next(1, 30); n > 0; n--)
        {
            (int first, int last) = Ranges[random.Next(Ranges.Length)];
            text.Append(random.Next(3) == 0 ? Words[random.Next(Words.Length)] : new Rune(random.Next(first, last + 1)).ToString());
        }

        return text.ToString();
    }

    private static string Shown(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => $"{rune.Value:X}"));
}
