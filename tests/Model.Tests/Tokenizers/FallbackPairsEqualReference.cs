using Actors.Model.Checkpoint;
using Actors.Model.Tokenizers;

namespace Actors.Model.Tests.Tokenizers;

/// <summary>Tokenizers with byte fallback: tokens and text are those of Hugging Face's tokenizers library.</summary>
public sealed class FallbackPairsEqualReference : IDisposable
{
    private const int Texts = 3000;

    private const string WithoutStrip =
        """{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TokenizersLibraryTheory]
    [InlineData(null, null)]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}""")]
    [InlineData("normalizer", "null")]
    [InlineData("decoder", WithoutStrip)]
    public void Any_text_has_the_same_tokens_and_comes_back(string? key, string? value)
    {
        string path = Write(key is null ? [] : [(key, value!)]);
        ITokenizer tokenizer = BytePairTokenizer.Read(path);
        using var reference = new global::Tokenizers.DotNet.Tokenizer(path);
        int[] special = [.. new[] { "<unk>", "<s>", "</s>", "<|soft|>" }.Select(token => tokenizer.Find(token)!.Value)];
        var random = new Random(17);
        for (int i = 0; i < Texts; i++)
        {
            string text = RandomTexts.Next(random);

            // The library puts the begin token before it.
            uint[] expected = reference.Encode(text)[1..];
            int[] tokens = tokenizer.Encode(text);

            Assert.True(expected.Select(token => (int)token).SequenceEqual(tokens), $"text {i} {RandomTexts.Shown(text)}: {string.Join(' ', expected)} expected, {string.Join(' ', tokens)} found");
            Assert.Equal(reference.Decode(expected), tokenizer.Decode([.. tokens.Where(token => !special.Contains(token))]));
        }
    }

    [Fact]
    public void Characters_without_a_token_are_bytes_and_appear_with_the_last()
    {
        ITokenizer tokenizer = Read();
        int[] tokens = tokenizer.Encode("a\n😀 the");
        var decoder = new TokenDecoder(tokenizer);
        string[] pieces = [.. tokens.Select(decoder.Append)];

        Assert.Equal([.. new[] { "<0x0A>", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>" }.Select(token => tokenizer.Find(token)!.Value)], tokens[^6..^1]);
        Assert.Equal("a\n😀 the", tokenizer.Decode(tokens));
        Assert.Equal(["\n", "", "", "", "😀", " the"], pieces[^6..]);
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void Bytes_that_are_no_text_become_the_replacement_character()
    {
        ITokenizer tokenizer = Read();
        int lead = tokenizer.Find("<0xF0>")!.Value;
        Assert.Equal("\uFFFDa\uFFFD", tokenizer.Decode([lead, tokenizer.Find("a")!.Value, lead]));
    }

    /// <summary>What goes on with a text keeps its blank, and the rest of a text that was cut gets none.</summary>
    [Fact]
    public void A_text_is_decoded_and_encoded_in_parts()
    {
        ITokenizer tokenizer = Read();
        int[] tokens = tokenizer.Encode("the cat\n the mat</s>the dog");
        var parts = new List<int>();
        tokenizer.Encode("the cat\n", parts);
        tokenizer.EncodeRest(" the mat</s>the dog", parts);
        var decoder = new TokenDecoder(tokenizer);

        Assert.Equal(tokens, parts);
        Assert.Equal(" cat", string.Concat(tokenizer.Encode("cat").Select(decoder.Append)));
        Assert.Equal("cat", tokenizer.Decode(tokenizer.Encode("cat")));
        Assert.Equal([tokenizer.Find("<s>")!.Value, .. tokenizer.Encode("cat")], tokenizer.EncodePrompt("cat"u8));
    }

    [Theory]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": "▁"}""", "pre_tokenizer is not supported; with model.byte_fallback only texts without pieces are")]
    [InlineData("normalizer", """{"type": "NFKC"}""", "normalizer.type is \"NFKC\", with model.byte_fallback supported are only \"Prepend\", \"Replace\" and \"Sequence\"")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"Regex": " "}, "content": "▁"}""", "normalizer.pattern has no \"String\"")]
    [InlineData("decoder", "null", "decoder is missing, which model.byte_fallback needs")]
    [InlineData("decoder", """{"type": "ByteLevel"}""", "decoder.type is \"ByteLevel\", with model.byte_fallback supported is only")]
    [InlineData("decoder", """{"type": "Sequence", "decoders": [{"type": "ByteFallback"}]}""", "decoder.type has no \"ByteFallback\" with \"Fuse\"")]
    [InlineData("decoder", """{"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 2, "stop": 0}]}""", "decoder.decoders[2].start is 2, supported is only 1")]
    [InlineData("model.vocab", """{"a": 0}""", "model.vocab has no <0x00>, which model.byte_fallback needs")]
    [InlineData("model.merges", """["q 字"]""", "model.merges[0] needs \"q\", which model.vocab does not have")]
    [InlineData("model.ignore_merges", "true", "model.ignore_merges is true, supported is only false")]
    public void What_is_not_supported_is_named_by_file_and_key(string key, string value, string error)
    {
        string found = Assert.Throws<CheckpointException>(() => Read((key, value))).Message;
        Assert.StartsWith(_folder.File("tokenizer.json") + ": ", found, StringComparison.Ordinal);
        Assert.Contains(error, found, StringComparison.Ordinal);
    }

    private ITokenizer Read(params (string Key, string Value)[] more) => BytePairTokenizer.Read(Write(more));

    private string Write(params (string Key, string Value)[] more) => _folder.Write("tokenizer.json", TinyFallbackPairs.Json(more));
}
