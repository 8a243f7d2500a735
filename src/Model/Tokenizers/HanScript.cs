using System.Globalization;
using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>
/// The characters of the Han script (Unicode's Scripts.txt), which .NET's regular expressions know no class of. Beyond U+FFFF they are the ideographs of
/// planes 2 and 3, for which <see cref="CodePoints"/> puts <see cref="Substitute"/>; four marks of old texts (U+16FE2, U+16FE3, U+16FF0, U+16FF1) are left out.
/// </summary>
internal static class HanScript
{
    /// <summary>How a pattern writes them.</summary>
    public const string Class = @"\p{Han}";

    /// <summary>How a pattern writes all others.</summary>
    public const string OtherClass = @"\P{Han}";

    /// <summary>Those up to U+FFFF, as ranges of a class.</summary>
    public const string Ranges =
        @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFA6D\uFA70-\uFAD9";

    /// <summary>An ideograph that stands for those beyond U+FFFF: the last of those for compatibility, which no tokenizer's pattern names by itself.</summary>
    public const char Substitute = '\uFAD9';

    private const int FirstIdeograph = 0x20000, LastIdeograph = 0x3FFFF;

    /// <summary>Whether a character beyond U+FFFF is an ideograph.</summary>
    public static bool Has(Rune rune, UnicodeCategory category) =>
        category == UnicodeCategory.OtherLetter && rune.Value is >= FirstIdeograph and <= LastIdeograph;
}
