using System.Text;
using System.Text.RegularExpressions;

namespace Actors.Model.Tokenizers;

/// <summary>The patterns of tokenizer.json, in the syntax of Oniguruma, as .NET's regular expressions; what the two read differently is refused.</summary>
internal static class PatternText
{
    /// <summary>GPT-2's pattern, which a byte-level pre-tokenizer has where it does not say otherwise.</summary>
    public const string ByteLevel = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const string IgnoreCase = "(?i:";

    /// <summary>The expression.</summary>
    /// <exception cref="FormatException">Why the pattern cannot be read here.</exception>
    public static Regex Compile(string pattern)
    {
        string translated = Translate(pattern);
        try
        {
            return new Regex(translated, RegexOptions.Compiled | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException failure)
        {
            throw new FormatException(failure.Message, failure);
        }
    }

    private static string Translate(string pattern)
    {
        var translated = new StringBuilder(pattern.Length);
        bool isInClass = false;
        int depth = 0, ignoresCaseAbove = int.MaxValue;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (char.IsSurrogate(c))
            {
                throw new FormatException("characters beyond U+FFFF in a pattern are not supported");
            }

            if (c == '\\')
            {
                i++;
                RefuseEscape(pattern, i);
                translated.Append(c).Append(pattern[i]);
            }
            else if (isInClass)
            {
                RefuseInClass(pattern, i);
                isInClass = c != ']';
                translated.Append(c);
            }
            else if (c == '[')
            {
                isInClass = true;
                translated.Append(c);
            }
            else if (depth >= ignoresCaseAbove && Folded(c) is { } folded)
            {
                translated.Append(folded);
            }
            else
            {
                if (c == '(')
                {
                    depth++;
                    ignoresCaseAbove = pattern.AsSpan(i).StartsWith(IgnoreCase) ? Math.Min(ignoresCaseAbove, depth) : ignoresCaseAbove;
                }
                else if (c == ')')
                {
                    ignoresCaseAbove = depth == ignoresCaseAbove ? int.MaxValue : ignoresCaseAbove;
                    depth--;
                }

                translated.Append(c);
            }
        }

        return translated.ToString();
    }

    /// <summary>What else is the same letter without its case in Unicode, of which .NET knows nothing.</summary>
    private static string? Folded(char c) => c switch
    {
        's' or 'S' => "[sS\u017F]",
        'k' or 'K' => "[kK\u212A]",
        _ => null,
    };

    private static void RefuseEscape(string pattern, int i)
    {
        if (i == pattern.Length || "wWbBhHRXKGyYMm".Contains(pattern[i], StringComparison.Ordinal) || pattern.AsSpan(i).StartsWith("x{"))
        {
            throw new FormatException($"the escape \\{(i == pattern.Length ? "" : pattern[i])} is not supported in a pattern");
        }
    }

    private static void RefuseInClass(string pattern, int i)
    {
        if (pattern[i] == '[' || pattern.AsSpan(i).StartsWith("&&"))
        {
            throw new FormatException("classes inside classes ([, &&) are not supported in a pattern");
        }
    }
}
