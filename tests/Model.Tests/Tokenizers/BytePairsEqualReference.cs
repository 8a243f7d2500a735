using System.Text;
using Actors.Model.Tokenizers;

namespace Actors.Model.Tests.Tokenizers;

/// <summary>Tokens are those of Hugging Face's tokenizers library, on random text of many scripts.</summary>
public sealed class BytePairsEqualReference : IDisposable
{
    private const int Texts = 1500;

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
            string text = RandomTexts.Next(random);
            int[] expected = [.. reference.Encode(text).Select(token => (int)token)];
            int[] tokens = tokenizer.Encode(text);

            Assert.True(expected.AsSpan().SequenceEqual(tokens), $"text {i} {RandomTexts.Shown(text)}: {string.Join(' ', expected)} expected, {string.Join(' ', tokens)} found");
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
}
