using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Actors.Tests.Support;

/// <summary>
/// Trains a small byte-level byte-pair model and writes it as a tokenizer.json, in the manner of published ones: the 256 bytes, then the pair that
/// is most frequent, again and again; equal ones in ordinal order.
/// </summary>
public static partial class TinyBytePairs
{
    public const string DeepSeekPieces = """
        {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}"}, "behavior": "Isolated", "invert": false},
          {"type": "Split", "pattern": {"Regex": "[一-龥぀-ゟ゠-ヿ]+"}, "behavior": "Isolated", "invert": false},
          {"type": "Split", "pattern": {"Regex": "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
        """;

    public const string Gpt2Pieces = """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}""";

    public const string Gpt2PiecesWithBlank = """{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}""";

    public const string Llama3Pieces = """
        {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "pattern": {"Regex": "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
        """;

    /// <summary>Those of Kimi K2: ideographs apart, and words that begin where a capital letter follows a small one.</summary>
    public const string KimiPieces = """
        {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "pattern": {"Regex": "[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
        """;

    /// <summary>Runs of ideographs, without them, and of all others, each a piece.</summary>
    public const string HanPieces = """
        {"type": "Sequence", "pretokenizers": [
          {"type": "Split", "pattern": {"Regex": "\\p{Han}+|[\\p{Lo}&&[^\\p{Han}]]+|\\P{Han}"}, "behavior": "Isolated", "invert": false},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
        """;

    public const string DigitPieces = """
        {"type": "Sequence", "pretokenizers": [
          {"type": "Digits", "individual_digits": true},
          {"type": "Split", "pattern": {"String": "--"}, "behavior": "Removed", "invert": false},
          {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]}
        """;

    private const string Text =
        "the cat sat on the mat, and the dog sat on the log. It's 1234 o'clock; they'll say \"hello\" -- HELLO'S 42!\r\n\r\n"
        + "  def encode(self, text):\n\t\treturn [ord(c) for c in text if c != '\\n']\n" + "你好,世界。ひらがな カタカナ 😀😀 𝐀𝐁 naïve café Ελληνικά русский 한국어 ١٢٣\n";

    /// <summary>The file's text.</summary>
    /// <param name="pieces">The pre-tokenizer.</param>
    /// <param name="more">Keys that replace those of the file.</param>
    public static string Json(string pieces, params (string Key, string Value)[] more)
    {
        (Dictionary<string, int> vocabulary, List<string> merges) = Train(150);
        int next = vocabulary.Count;
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. new[] { "<|end|>", "<|endo|>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<|begin|>" }
                .Select(content => (JsonNode)new JsonObject
                {
                    ["id"] = next++,
                    ["content"] = content,
                    ["single_word"] = false,
                    ["lstrip"] = false,
                    ["rstrip"] = false,
                    ["normalized"] = false,
                    ["special"] = true,
                })]),
            ["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": []}"""),
            ["pre_tokenizer"] = JsonNode.Parse(pieces),
            ["post_processor"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}"""),
            ["decoder"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(vocabulary.Select(token => KeyValuePair.Create(token.Key, (JsonNode?)token.Value))),
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            },
        };
        return Written(root, more);
    }

    /// <summary>A file's text, with some of its keys replaced.</summary>
    internal static string Written(JsonObject root, (string Key, string Value)[] more)
    {
        foreach ((string key, string value) in more)
        {
            string[] path = key.Split('.');
            JsonNode place = path[..^1].Aggregate((JsonNode)root, (node, name) => node[name]!);
            place[path[^1]] = JsonNode.Parse(value);
        }

        return root.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static (Dictionary<string, int> Vocabulary, List<string> Merges) Train(int count)
    {
        char[] alphabet = Alphabet();
        var vocabulary = new Dictionary<string, int>();
        foreach (char c in alphabet)
        {
            vocabulary.Add(c.ToString(), vocabulary.Count);
        }

        List<List<string>> words = [.. Words().Matches(Text).Select(match => Encoding.UTF8.GetBytes(match.Value).Select(value => alphabet[value].ToString()).ToList())];
        return (vocabulary, Merge(words, vocabulary, count));
    }

    /// <summary>Merges the most frequent pair within words, again and again, and adds what it becomes to the vocabulary.</summary>
    internal static List<string> Merge(List<List<string>> words, Dictionary<string, int> vocabulary, int count)
    {
        var merges = new List<string>();
        while (merges.Count < count)
        {
            (string First, string Second) best = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair)
                .OrderByDescending(group => group.Count()).ThenBy(group => group.Key.First + group.Key.Second, StringComparer.Ordinal)
                .First(group => !vocabulary.ContainsKey(group.Key.First + group.Key.Second)).Key;
            merges.Add($"{best.First} {best.Second}");
            vocabulary.Add(best.First + best.Second, vocabulary.Count);
            foreach (List<string> word in words)
            {
                for (int i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) == best)
                    {
                        word[i] += word[i + 1];
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return merges;
    }

    private static char[] Alphabet()
    {
        int other = 256;
        return [.. Enumerable.Range(0, 256).Select(value => value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174) ? (char)value : (char)other++)];
    }

    [GeneratedRegex(@" ?\S+|\s+")]
    private static partial Regex Words();
}
