using System.Text.RegularExpressions;

namespace Actors.Model.Tokenizers;

/// <summary>One step of a pre-tokenizer: cuts a piece at the matches of a pattern.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="DropsMatches">Whether what it matches is left out.</param>
/// <param name="DropsGaps">Whether what lies between is left out.</param>
internal sealed record PieceRule(Regex Pattern, bool DropsMatches = false, bool DropsGaps = false)
{
    /// <summary>Cuts pieces of a text, each by itself: a look-ahead sees no further than its end.</summary>
    /// <param name="text">A character for each code point.</param>
    /// <param name="pieces">Start and length of the pieces.</param>
    /// <param name="cut">Output: theirs.</param>
    public void Cut(ReadOnlySpan<char> text, List<(int Start, int Length)> pieces, List<(int Start, int Length)> cut)
    {
        foreach ((int start, int length) in pieces)
        {
            int end = 0;
            foreach (ValueMatch match in Pattern.EnumerateMatches(text.Slice(start, length)))
            {
                if (match.Length > 0)
                {
                    Add(cut, start + end, match.Index - end, DropsGaps);
                    Add(cut, start + match.Index, match.Length, DropsMatches);
                    end = match.Index + match.Length;
                }
            }

            Add(cut, start + end, length - end, DropsGaps);
        }
    }

    private static void Add(List<(int Start, int Length)> cut, int start, int length, bool isDropped)
    {
        if (length > 0 && !isDropped)
        {
            cut.Add((start, length));
        }
    }
}
