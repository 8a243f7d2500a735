using System.Globalization;
using System.Text;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tokenizers;

/// <summary>
/// How a tokenizer.json with byte fallback writes text in tokens: its <c>normalizer</c>, which marks blanks and the text's begin, and its <c>decoder</c>, which takes
/// the marks away. Llama 2 and Mistral write <c>▁</c> for a blank and put one before a text.
/// </summary>
/// <param name="Steps">What is done to a text, one after the other: a replacement, or where <c>From</c> is null a prefix.</param>
/// <param name="Written">Replacements in a token that becomes text.</param>
/// <param name="DropsFirstBlank">Whether a decoded text loses the blank that it begins with.</param>
internal sealed record FallbackForm(
    IReadOnlyList<(string? From, string To)> Steps, IReadOnlyList<(string From, string To)> Written, bool DropsFirstBlank)
{
    private const string Type = "type";

    /// <summary>Reads both.</summary>
    /// <exception cref="CheckpointException">A step is not supported.</exception>
    public static FallbackForm Read(ConfigObject root)
    {
        root.ExpectNone("pre_tokenizer", "with model.byte_fallback only texts without pieces are, as Llama 2 has them; set it to null");
        ConfigObject? normalizer = root.OptionalObject("normalizer");
        var steps = (normalizer is null ? [] : Flat(normalizer, "normalizers")).Select(StepOf).ToList();
        ConfigObject decoder = root.OptionalObject("decoder") ?? throw root.Wrong("decoder", "is missing, which model.byte_fallback needs");
        (List<(string, string)> written, bool dropsFirst) = ReadDecoder(decoder);
        return new FallbackForm(steps, written, dropsFirst);
    }

    /// <summary>The text as tokens have it.</summary>
    /// <param name="text">A text, or what lies between added tokens.</param>
    /// <param name="begins">Whether it begins there; the rest of a text has no prefix.</param>
    public string Of(ReadOnlySpan<char> text, bool begins = true)
    {
        string form = text.ToString();
        foreach ((string? from, string to) in Steps)
        {
            form = from is not null ? form.Replace(from, to, StringComparison.Ordinal) : begins && form.Length > 0 ? to + form : form;
        }

        return form;
    }

    /// <summary>The UTF-8 bytes that a token is; one byte of <c>&lt;0xNN&gt;</c>.</summary>
    public byte[] BytesOf(string token) => ByteOf(token) is { } value ? [value]
        : Encoding.UTF8.GetBytes(Written.Aggregate(token, static (text, step) => text.Replace(step.From, step.To, StringComparison.Ordinal)));

    /// <summary>The byte of <c>&lt;0xNN&gt;</c>; null: the token is none.</summary>
    private static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value) ? value : null;

    private static (string? From, string To) StepOf(ConfigObject step) => step.OptionalString(Type) switch
    {
        "Prepend" => (null, step.OptionalString("prepend") ?? throw step.Wrong("prepend", "is missing")),
        "Replace" => ReplacementOf(step),
        var type => throw step.Wrong(Type, $"is {Shown(type)}, with model.byte_fallback supported are only \"Prepend\", \"Replace\" and \"Sequence\""),
    };

    /// <summary>Replacements, then <c>ByteFallback</c>, <c>Fuse</c>, and perhaps <c>Strip</c> of one blank at the begin.</summary>
    private static (List<(string From, string To)> Written, bool DropsFirstBlank) ReadDecoder(ConfigObject decoder)
    {
        var written = new List<(string, string)>();
        string[] order = ["ByteFallback", "Fuse", "Strip"];
        int next = 0;
        foreach (ConfigObject step in Flat(decoder, "decoders"))
        {
            string? type = step.OptionalString(Type);
            if (next == 0 && type == "Replace")
            {
                written.Add(ReplacementOf(step));
            }
            else if (next < order.Length && type == order[next])
            {
                next++;
            }
            else
            {
                throw step.Wrong(Type, $"is {Shown(type)}, with model.byte_fallback supported is only \"Replace\", then \"ByteFallback\", \"Fuse\" and \"Strip\"");
            }

            if (type == "Strip")
            {
                step.Expect("content", " ");
                step.Expect("start", 1, "");
                step.Expect("stop", 0, "");
            }
        }

        return next >= 2 ? (written, next == order.Length) : throw decoder.Wrong(Type, "has no \"ByteFallback\" with \"Fuse\", which model.byte_fallback needs");
    }

    private static (string From, string To) ReplacementOf(ConfigObject step)
    {
        ConfigObject pattern = step.OptionalObject("pattern") ?? throw step.Wrong("pattern", "is missing");
        return pattern.OptionalString("String") is { Length: > 0 } from
            ? (from, step.OptionalString("content") ?? throw step.Wrong("content", "is missing"))
            : throw step.Wrong("pattern", "has no \"String\", supported is only that");
    }

    private static IEnumerable<ConfigObject> Flat(ConfigObject step, string key) =>
        step.OptionalString(Type) == "Sequence" ? step.Objects(key).SelectMany(part => Flat(part, key)) : [step];

    private static string Shown(string? type) => type is null ? "missing" : $"\"{type}\"";
}
