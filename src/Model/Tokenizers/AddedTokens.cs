using System.Buffers;

namespace Actors.Model.Tokenizers;

/// <summary>Tokens that are found in a text before it is cut into pieces: special ones and others that a tokenizer.json adds.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<char, (string Text, int Id)[]> _byFirst;
    private readonly SearchValues<char> _firsts;

    /// <param name="tokens">The tokens, none of them empty.</param>
    public AddedTokens(IEnumerable<(string Text, int Id)> tokens)
    {
        // The longest first, so that of several at one place the longest is taken.
        _byFirst = tokens.GroupBy(token => token.Text[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Text.Length).ToArray());
        _firsts = SearchValues.Create([.. _byFirst.Keys]);
    }

    /// <summary>Finds the first in a text, and of those at its place the longest.</summary>
    /// <returns>Where it begins, its length and its token; a length of 0: there is none.</returns>
    public (int Start, int Length, int Id) FindIn(ReadOnlySpan<char> text)
    {
        for (int start = 0; start < text.Length; start++)
        {
            int next = text[start..].IndexOfAny(_firsts);
            if (next < 0)
            {
                break;
            }

            start += next;
            foreach ((string token, int id) in _byFirst[text[start]])
            {
                if (text[start..].StartsWith(token, StringComparison.Ordinal))
                {
                    return (start, token.Length, id);
                }
            }
        }

        return (text.Length, 0, -1);
    }
}
