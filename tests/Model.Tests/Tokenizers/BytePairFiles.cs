using Actors.Model.Checkpoint;
using Actors.Model.Tokenizers;

namespace Actors.Model.Tests.Tokenizers;

public sealed class BytePairFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_character_in_several_tokens_appears_with_the_last()
    {
        ITokenizer tokenizer = Read();
        int[] tokens = tokenizer.Encode("ж𝐙");
        var decoder = new TokenDecoder(tokenizer);
        string[] pieces = [.. tokens.Select(decoder.Append)];

        Assert.True(tokens.Length > 2);
        Assert.Equal("ж𝐙", string.Concat(pieces) + decoder.Flush());
        Assert.DoesNotContain(pieces, piece => piece.Contains('\uFFFD', StringComparison.Ordinal));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_read_as_the_replacement_character() =>
        Assert.Equal("a\uFFFDb\uFFFD😀", Read().Decode(Read().Encode("a\uD800b\uDC00😀")));

    [Fact]
    public void The_longest_special_token_is_taken_where_several_begin()
    {
        ITokenizer tokenizer = Read();
        Assert.Equal([tokenizer.Find("<|end|>")!.Value, tokenizer.Find("<|endo|>")!.Value], tokenizer.Encode("<|end|><|endo|>"));
        Assert.Null(tokenizer.Find("<|none|>"));
    }

    [Fact]
    public void Begin_and_end_come_from_the_config_beside_it()
    {
        _folder.Write("tokenizer_config.json", """{"bos_token": {"content": "<|begin|>"}, "eos_token": "<|end|>", "add_bos_token": true}""");
        ITokenizer tokenizer = Read();

        Assert.Equal(tokenizer.Find("<|begin|>"), tokenizer.BeginToken);
        Assert.Equal(tokenizer.Find("<|end|>"), tokenizer.EndToken);
        Assert.Equal([tokenizer.BeginToken!.Value, .. tokenizer.Encode("the cat")], tokenizer.EncodePrompt("the cat"u8));
    }

    [Fact]
    public void The_post_processor_says_what_begins_a_prompt()
    {
        ITokenizer tokenizer = Read(("post_processor", """
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<|begin|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {}}]}
            """));
        Assert.Equal(tokenizer.Find("<|begin|>"), tokenizer.EncodePrompt("x"u8)[0]);
        Assert.Null(tokenizer.EndToken);
    }

    [Fact]
    public void A_config_that_names_no_token_is_refused()
    {
        _folder.Write("tokenizer_config.json", """{"eos_token": "<|none|>"}""");
        Assert.Contains("tokenizer_config.json: eos_token is \"<|none|>\", which", Error(() => Read()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.type", "\"Unigram\"", "model.type is \"Unigram\", supported is only \"BPE\"")]
    [InlineData("model.byte_fallback", "true", "pre_tokenizer is not supported; with model.byte_fallback only texts without pieces are")]
    [InlineData("model.unk_token", "\"<unk>\"", "model.unk_token is not supported; only tokenizers that know every byte are")]
    [InlineData("model.merges", "[\"a b c\"]", "model.merges[0] is \"a b c\", expected two tokens")]
    [InlineData("model.merges", "[\"q 字\"]", "model.merges: Trying to merge a token '字' which not exist in the vocabulary")]
    [InlineData("model.vocab", "{\"a\": 0, \"b\": 0}", "model.vocab.b is 0, expected a token's number of its own")]
    [InlineData("normalizer", "{\"type\": \"Lowercase\"}", "normalizer.type is \"Lowercase\"")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer is missing")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\"}", "pre_tokenizer.type is \"Metaspace\"")]
    [InlineData("pre_tokenizer", "{\"type\": \"Digits\", \"individual_digits\": true}", "pre_tokenizer has no \"ByteLevel\"")]
    [InlineData("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "[a&&b]"}, "behavior": "Isolated"}]}""", "pre_tokenizer.pretokenizers[0].pattern.Regex cannot be used: classes inside classes")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "\\p{Hiragana}"}, "behavior": "Isolated"}""", "pre_tokenizer.pattern.Regex cannot be used")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "[\\P{Han}x]"}, "behavior": "Isolated"}""", "\\P{Han} in a class is not supported")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "[^a&&[^b]]"}, "behavior": "Isolated"}""", "classes inside classes")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "[a-c&&[^b]d]"}, "behavior": "Isolated"}""", "classes inside classes")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Isolated"}""", "the escape \\w is not supported")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "a++"}, "behavior": "Isolated"}""", "pre_tokenizer.pattern.Regex cannot be used")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "a"}, "behavior": "MergedWithNext"}""", "pre_tokenizer.behavior is \"MergedWithNext\"")]
    [InlineData("decoder", "{\"type\": \"WordPiece\"}", "decoder.type is \"WordPiece\"")]
    [InlineData("post_processor", "{\"type\": \"BertProcessing\"}", "post_processor.type is \"BertProcessing\"")]
    [InlineData("added_tokens", """[{"id": 500, "content": "x", "lstrip": true}]""", "added_tokens[0].lstrip is true, supported is only false")]
    public void What_is_not_supported_is_named_by_file_and_key(string key, string value, string error)
    {
        string found = Error(() => Read((key, value)));
        Assert.StartsWith(_folder.File("tokenizer.json") + ": ", found, StringComparison.Ordinal);
        Assert.Contains(error, found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_fewer_tokens_is_refused()
    {
        ITokenizer tokenizer = Read();
        Assert.Contains(
            $"has tokens up to {tokenizer.VocabularySize - 1}, but the model knows 256",
            Error(() => TokenizerSource.OfModel(_folder.Path, 256)), StringComparison.Ordinal);
        Assert.Equal(tokenizer.Hash.ToArray(), TokenizerSource.OfModel(_folder.Path, tokenizer.VocabularySize).Hash.ToArray());
    }

    [Fact]
    public void Without_a_file_a_model_has_bytes() => Assert.Same(ByteTokenizer.Instance, TokenizerSource.OfModel(_folder.Path, 8));

    [Fact]
    public void A_named_folder_without_a_file_is_refused() =>
        Assert.Contains("has no tokenizer.json", Error(() => TokenizerSource.Read(_folder.Path)), StringComparison.Ordinal);

    private ITokenizer Read(params (string Key, string Value)[] more)
    {
        _folder.Write("tokenizer.json", TinyBytePairs.Json(TinyBytePairs.DeepSeekPieces, more));
        return BytePairTokenizer.Read(_folder.Path);
    }

    private static string Error(Action read) => Assert.Throws<CheckpointException>(read).Message;
}
