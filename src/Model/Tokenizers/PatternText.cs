using System.Text;
using System.Text.RegularExpressions;

namespace Actors.Model.Tokenizers;

/// <summary>The patterns of tokenizer.json, in the syntax of Oniguruma, as .NET's regular expressions; what the two read differently is refused.</summary>
internal static class PatternText
{
    /// <summary>GPT-2's pattern, which a byte-level pre-tokenizer has where it does not say otherwise.</summary>
    public const string ByteLevel = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const string IgnoreCase = "(?i:", TakeAway = "&&[^";

    private const string ClassesInClasses = "classes inside classes ([, &&) are not supported in a pattern, but at the end of one that is not negated: [a&&[^b]]";

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
        bool isInClass = false, isTakenAway = false;
        int classStart = 0, depth = 0, ignoresCaseAbove = int.MaxValue;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (char.IsSurrogate(c))
            {
                throw new FormatException("characters beyond U+FFFF in a pattern are not supported");
            }

            if (HanClass(pattern, i, isInClass) is { } han)
            {
                translated.Append(han);
                i += HanScript.Class.Length - 1;
            }
            else if (c == '\\')
            {
                i++;
                RefuseEscape(pattern, i);
                translated.Append(c).Append(pattern[i]);
            }
            else if (isInClass && !isTakenAway && BeginsTakingAway(pattern, classStart, i))
            {
                isTakenAway = true;
                translated.Append("-[");
                i += TakeAway.Length - 1;
            }
            else if (isInClass)
            {
                RefuseInClass(pattern, i);
                if (c == ']' && isTakenAway)
                {
                    RefuseMoreAfterTakingAway(pattern, ++i);
                    translated.Append(c);
                    isTakenAway = false;
                }

                isInClass = c != ']';
                translated.Append(c);
            }
            else if (c == '[')
            {
                (isInClass, classStart) = (true, i);
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

    /// <summary>Han characters, or all others, as .NET writes them; null: no such class stands here.</summary>
    private static string? HanClass(string pattern, int i, bool isInClass)
    {
        ReadOnlySpan<char> rest = pattern.AsSpan(i);
        return rest.StartsWith(HanScript.Class) ? (isInClass ? HanScript.Ranges : $"[{HanScript.Ranges}]")
            : !rest.StartsWith(HanScript.OtherClass) ? null
            : !isInClass ? $"[^{HanScript.Ranges}]"
            : throw new FormatException($"{HanScript.OtherClass} in a class is not supported in a pattern");
    }

    /// <summary>
    /// Whether a class goes on with the intersection with all but some characters, which .NET writes as a subtraction. Not in a negated class, where the two
    /// negate differently, nor where it has nothing before it or an open range.
    /// </summary>
    private static bool BeginsTakingAway(string pattern, int classStart, int i) =>
        pattern.AsSpan(i).StartsWith(TakeAway) && pattern[classStart + 1] != '^' && i > classStart + 1 && pattern[i - 1] != '-';

    private static void RefuseMoreAfterTakingAway(string pattern, int i)
    {
        if (i == pattern.Length || pattern[i] != ']')
        {
            throw new FormatException(ClassesInClasses);
        }
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
            throw new FormatException(ClassesInClasses);
        }
    }
}
