using System.Text.Json;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tokenizers;

/// <summary>What a Hugging Face <c>tokenizer.json</c> of a byte-pair model says, byte-level or with byte fallback. What is not supported is refused by its key.</summary>
internal sealed record TokenizerFile
{
    /// <summary>Name of the file in a model's folder.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>The tokens of the model, as they are written in the file, with their numbers.</summary>
    public required IReadOnlyDictionary<string, int> Vocabulary { get; init; }

    /// <summary>Pairs that are merged, the first ones first, the two separated by a blank.</summary>
    public required IReadOnlyList<string> Merges { get; init; }

    /// <summary>Whether a piece that is a token is taken whole, whatever the merges would make of it.</summary>
    public required bool IgnoresMerges { get; init; }

    /// <summary>How a text is cut into pieces: of a byte-level model.</summary>
    public required PieceSteps Steps { get; init; }

    /// <summary>How text is written in tokens, where characters that are none fall back to their bytes; null: the model is byte-level.</summary>
    public required FallbackForm? Fallback { get; init; }

    /// <summary>Whether a text is brought to its composed form (NFC) first.</summary>
    public required bool Composes { get; init; }

    /// <summary>Tokens that are found before a text is cut.</summary>
    public required IReadOnlyList<AddedToken> Added { get; init; }

    /// <summary>The token before a text; null: none is put there.</summary>
    public required string? Begin { get; init; }

    /// <summary>Reads the content of a file, whose path is for messages.</summary>
    /// <exception cref="CheckpointException">It is damaged, or has something that is not supported.</exception>
    public static TokenizerFile Read(string path, ReadOnlySpan<byte> content) => ConfigObject.ReadContent(path, content.ToArray(), Read);

    private static TokenizerFile Read(ConfigObject root)
    {
        ConfigObject model = root.OptionalObject("model") ?? throw root.Wrong("model", "is missing");
        string type = model.OptionalString("type") ?? "BPE";
        if (type != "BPE")
        {
            throw model.Wrong("type", $"is \"{type}\", supported is only \"BPE\"");
        }

        model.ExpectNone("dropout", "it is for training a tokenizer's robustness; set it to null");
        Empty(model, "continuing_subword_prefix");
        Empty(model, "end_of_word_suffix");
        return model.OptionalBool("byte_fallback") ?? false ? WithFallback(root, model) : ByteLevel(root, model);
    }

    /// <summary>Every byte has a token, so that what <c>unk_token</c> and <c>fuse_unk</c> say never happens.</summary>
    private static TokenizerFile WithFallback(ConfigObject root, ConfigObject model)
    {
        model.Expect("ignore_merges", only: false);
        return Of(root, model, FallbackForm.Read(root), new PieceSteps([], IsByteLevel: false, AddsPrefixBlank: false), composes: false);
    }

    private static TokenizerFile ByteLevel(ConfigObject root, ConfigObject model)
    {
        model.ExpectNone("unk_token", "only tokenizers that know every byte are: byte-level ones, and those with byte_fallback");
        var steps = PieceSteps.Read(root.OptionalObject("pre_tokenizer") ?? throw root.Wrong("pre_tokenizer", "is missing, supported are only byte-level ones"));
        if (!steps.IsByteLevel)
        {
            throw root.Wrong("pre_tokenizer", "has no \"ByteLevel\", supported are only byte-level ones");
        }

        Decoder(root);
        return Of(root, model, fallback: null, steps, composes: root.OptionalObject("normalizer") is { } normalizer && IsComposing(normalizer));
    }

    private static TokenizerFile Of(ConfigObject root, ConfigObject model, FallbackForm? fallback, PieceSteps steps, bool composes)
    {
        return new TokenizerFile
        {
            Vocabulary = VocabularyOf(model),
            Merges = MergesOf(model),
            IgnoresMerges = model.OptionalBool("ignore_merges") ?? false,
            Steps = steps,
            Fallback = fallback,
            Composes = composes,
            Added = [.. root.Objects("added_tokens").Select(AddedToken.Read)],
            Begin = root.OptionalObject("post_processor") is { } processor ? BeginOf(processor) : null,
        };
    }

    private static void Empty(ConfigObject model, string key)
    {
        if (model.OptionalString(key) is { Length: > 0 } text)
        {
            throw model.Wrong(key, $"is \"{text}\", which is not supported");
        }
    }

    private static Dictionary<string, int> VocabularyOf(ConfigObject model)
    {
        ConfigObject vocabulary = model.OptionalObject("vocab") ?? throw model.Wrong("vocab", "is missing");
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        var used = new HashSet<int>();
        foreach (JsonProperty token in vocabulary.Properties())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id) || id < 0 || !used.Add(id)
                || !tokens.TryAdd(token.Name, id))
            {
                throw vocabulary.Wrong(token.Name, $"is {JsonText.OneLine(token.Value)}, expected a token's number of its own");
            }
        }

        return tokens.Count > 0 ? tokens : throw model.Wrong("vocab", "is empty");
    }

    /// <summary>Merges are written as "a b", or in later files as ["a", "b"].</summary>
    private static List<string> MergesOf(ConfigObject model)
    {
        var merges = new List<string>();
        foreach (JsonElement merge in model.Items("merges"))
        {
            string? text = merge.ValueKind == JsonValueKind.String ? merge.GetString()
                : merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 ? $"{merge[0].GetString()} {merge[1].GetString()}"
                : null;
            merges.Add(text?.Split(' ') is [{ Length: > 0 }, { Length: > 0 }]
                ? text
                : throw model.Wrong($"merges[{merges.Count}]", $"is {JsonText.OneLine(merge)}, expected two tokens"));
        }

        return merges;
    }

    private static bool IsComposing(ConfigObject normalizer) => normalizer.OptionalString("type") switch
    {
        "NFC" => true,
        "Sequence" => normalizer.Objects("normalizers").Select(IsComposing).ToArray().Contains(true),
        { } type => throw normalizer.Wrong("type", $"is \"{type}\", supported are only \"NFC\" and \"Sequence\""),
        null => throw normalizer.Wrong("type", "is missing"),
    };

    private static void Decoder(ConfigObject root)
    {
        if (root.OptionalObject("decoder") is { } decoder)
        {
            decoder.Expect("type", "ByteLevel");
        }
    }

    /// <summary>The token that a post-processor puts before a text. What it puts behind one ends a text and is no part of a prompt.</summary>
    private static string? BeginOf(ConfigObject processor)
    {
        switch (processor.OptionalString("type"))
        {
            case "ByteLevel":
                return null;
            case "Sequence":
                return processor.Objects("processors").Select(BeginOf).ToArray().FirstOrDefault(begin => begin is not null);
            case "TemplateProcessing":
                return processor.Objects("single") is [var first, ..] ? first.OptionalObject("SpecialToken")?.OptionalString("id") : null;
            case var type:
                throw processor.Wrong("type", $"is {(type is null ? "missing" : $"\"{type}\"")}, supported are only \"ByteLevel\", \"TemplateProcessing\" and \"Sequence\"");
        }
    }
}
