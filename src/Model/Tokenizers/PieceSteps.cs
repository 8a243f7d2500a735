using System.Text.RegularExpressions;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tokenizers;

/// <summary>A tokenizer.json's <c>pre_tokenizer</c>.</summary>
/// <param name="Rules">How a text is cut, one rule after the other.</param>
/// <param name="IsByteLevel">Whether the pieces are written as bytes.</param>
/// <param name="AddsPrefixBlank">Whether a text that begins with no blank gets one.</param>
internal sealed record PieceSteps(IReadOnlyList<PieceRule> Rules, bool IsByteLevel, bool AddsPrefixBlank)
{
    private const string Type = "type";

    /// <summary>Reads the rules.</summary>
    /// <exception cref="CheckpointException">One of them is not supported.</exception>
    public static PieceSteps Read(ConfigObject root)
    {
        var rules = new List<PieceRule>();
        (bool isByteLevel, bool addsBlank) = (false, false);
        foreach (ConfigObject step in Steps(root))
        {
            if (isByteLevel)
            {
                throw step.Wrong(Type, "comes after \"ByteLevel\", which must be the last");
            }

            switch (step.OptionalString(Type))
            {
                case "Split":
                    rules.Add(SplitOf(step));
                    break;
                case "Digits":
                    rules.Add(new PieceRule(PatternText.Compile(step.OptionalBool("individual_digits") ?? false ? @"\p{N}" : @"\p{N}+")));
                    break;
                case "ByteLevel":
                    isByteLevel = true;
                    addsBlank = step.OptionalBool("add_prefix_space") ?? true;
                    if (addsBlank && rules.Count > 0)
                    {
                        throw step.Wrong("add_prefix_space", "is true, supported is only false after another step");
                    }

                    if (step.OptionalBool("use_regex") ?? true)
                    {
                        rules.Add(new PieceRule(PatternText.Compile(PatternText.ByteLevel)));
                    }

                    break;
                case var type:
                    throw step.Wrong(Type, $"is {(type is null ? "missing" : $"\"{type}\"")}, supported are only \"Split\", \"Digits\", \"ByteLevel\" and \"Sequence\"");
            }
        }

        return new PieceSteps(rules, isByteLevel, addsBlank);
    }

    private static IEnumerable<ConfigObject> Steps(ConfigObject step) =>
        step.OptionalString(Type) == "Sequence" ? step.Objects("pretokenizers").SelectMany(Steps) : [step];

    private static PieceRule SplitOf(ConfigObject step)
    {
        bool isInverted = step.OptionalBool("invert") ?? false;
        Regex pattern = PatternOf(step);
        return step.OptionalString("behavior") switch
        {
            "Isolated" => new PieceRule(pattern),
            "Removed" => new PieceRule(pattern, DropsMatches: !isInverted, DropsGaps: isInverted),
            var behavior => throw step.Wrong("behavior", $"is {(behavior is null ? "missing" : $"\"{behavior}\"")}, supported are only \"Isolated\" and \"Removed\""),
        };
    }

    private static Regex PatternOf(ConfigObject step)
    {
        ConfigObject pattern = step.OptionalObject("pattern") ?? throw step.Wrong("pattern", "is missing");
        if (pattern.OptionalString("String") is { } text)
        {
            return new Regex(Regex.Escape(text), RegexOptions.CultureInvariant);
        }

        string expression = pattern.OptionalString("Regex") ?? throw step.Wrong("pattern", "has neither \"Regex\" nor \"String\"");
        try
        {
            return PatternText.Compile(expression);
        }
        catch (FormatException failure)
        {
            throw pattern.Wrong("Regex", $"cannot be used: {failure.Message.TrimEnd('.')}");
        }
    }
}
