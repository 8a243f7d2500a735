using Microsoft.ML.Tokenizers;

namespace Actors.Model.Tokenizers;

/// <summary>Gives the byte-pair model the pieces of a text, within which it merges: those of a tokenizer.json's rules, one after the other.</summary>
internal sealed class PieceSplitter(IReadOnlyList<PieceRule> rules) : PreTokenizer
{
    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        CodePoints points = CodePoints.Of(text);
        List<(int Start, int Length)> pieces = [(0, points.Text.Length)], cut = [];
        foreach (PieceRule rule in rules)
        {
            rule.Cut(points.Text, pieces, cut);
            (pieces, cut) = (cut, pieces);
            cut.Clear();
        }

        for (int i = 0; i < pieces.Count; i++)
        {
            (int start, int length) = pieces[i];
            int offset = points.OffsetOf(start);
            pieces[i] = (offset, points.OffsetOf(start + length) - offset);
        }

        return pieces;
    }
}
