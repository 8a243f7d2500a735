using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Actors.Tests.Support;

/// <summary>A small byte-pair model with byte fallback, written as the tokenizer.json of Llama 2 and Mistral are: <c>▁</c> for a blank, and one before a text.</summary>
public static partial class TinyFallbackPairs
{
    private const string Text =
        "the cat sat on the mat, and  the dog sat on the log. It's 1234 o'clock; they'll say \"hello\" -- HELLO'S 42!    def encode(self, text): "
        + "return [ord(c) for c in text if c != 'x'] naïve café русский 世界 世 界";

    /// <summary>The file's text.</summary>
    /// <param name="more">Keys that replace those of the file.</param>
    public static string Json(params (string Key, string Value)[] more)
    {
        var vocabulary = new Dictionary<string, int> { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2 };
        for (int value = 0; value < 256; value++)
        {
            vocabulary.Add(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), vocabulary.Count);
        }

        string marked = "▁" + Text.Replace(' ', '▁');
        foreach (string character in marked.Select(character => character.ToString()).Distinct())
        {
            vocabulary.Add(character, vocabulary.Count);
        }

        List<string> merges = TinyBytePairs.Merge([.. Words().Matches(marked).Select(match => match.Value.Select(character => character.ToString()).ToList())], vocabulary, 120);
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(Added(0, "<unk>"), Added(1, "<s>"), Added(2, "</s>"), Added(vocabulary.Count, "<|soft|>", isNormalized: true)),
            ["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}"""),
            ["pre_tokenizer"] = null,
            ["post_processor"] = JsonNode.Parse("""
                {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                 "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                 "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
                """),
            ["decoder"] = JsonNode.Parse("""
                {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
                 {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
                """),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = "<unk>",
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["vocab"] = new JsonObject(vocabulary.Select(token => KeyValuePair.Create(token.Key, (JsonNode?)token.Value))),
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            },
        };
        return TinyBytePairs.Written(root, more);
    }

    private static JsonObject Added(int id, string content, bool isNormalized = false) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = isNormalized,
        ["special"] = true,
    };

    [GeneratedRegex("▁*[^▁]*")]
    private static partial Regex Words();
}
