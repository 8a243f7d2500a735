namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// Reorders some documents so that a model learns to fill in the middle: begin, prefix, hole, suffix, end, middle (PSM; Bavarian et al. 2022, and
/// DeepSeek-V3 §4.2 at a rate of 0.1). Which ones and where they are cut depends on the seed and the document's number alone.
/// </summary>
/// <param name="rate">Share of the documents, 0 to 1.</param>
/// <param name="begin">The token before the prefix.</param>
/// <param name="hole">The token before the suffix.</param>
/// <param name="end">The token before the middle.</param>
/// <param name="seed">The run's seed.</param>
internal sealed class FillInMiddle(double rate, int begin, int hole, int end, long seed)
{
    /// <summary>Tokens that a reordered document has more.</summary>
    public const int Added = 3;

    private const int Choice = 1, FirstCut = 2, SecondCut = 3;

    /// <summary>Least tokens of a document that is cut into three.</summary>
    private const int Least = 3;

    private readonly ulong _seed = RandomBits.Of(seed);
    private readonly double _below = rate * Math.Pow(2, 53);

    /// <summary>Whether a document is reordered.</summary>
    /// <param name="document">Its number.</param>
    /// <param name="length">Its tokens without the end token.</param>
    public bool Takes(long document, long length) => length >= Least && (RandomBits.Of(_seed, document, Choice) >> 11) < _below;

    /// <summary>Reads tokens of a reordered document.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="start">Its first token there.</param>
    /// <param name="document">Its number.</param>
    /// <param name="length">Its tokens without the end token.</param>
    /// <param name="offset">The first place in the reordered document.</param>
    /// <param name="tokens">Output: as many as it holds; behind the middle comes the end token, if the document has one.</param>
    public void Read(TokenFile file, long start, long document, long length, long offset, Span<int> tokens)
    {
        long one = CutOf(document, FirstCut, length), other = CutOf(document, SecondCut, length);
        (long prefix, long middle) = (Math.Min(one, other), Math.Max(one, other));
        var reader = new Reader(file, offset, tokens);
        reader.Token(begin);
        reader.Range(start, prefix);
        reader.Token(hole);
        reader.Range(start + middle, length - middle);
        reader.Token(end);
        reader.Range(start + prefix, middle - prefix);
        reader.Range(start + length, tokens.Length);
    }

    /// <summary>0 to length: a part may be empty.</summary>
    private long CutOf(long document, int which, long length) => (long)Math.BigMul(RandomBits.Of(_seed, document, which), (ulong)length + 1, out _);

    /// <summary>Takes what lies at the wanted places out of parts that come one after the other.</summary>
    private ref struct Reader(TokenFile file, long offset, Span<int> tokens)
    {
        private Span<int> _left = tokens;
        private long _skip = offset;

        public void Token(int token)
        {
            if (_skip > 0)
            {
                _skip--;
            }
            else if (!_left.IsEmpty)
            {
                _left[0] = token;
                _left = _left[1..];
            }
        }

        public void Range(long start, long length)
        {
            long skipped = Math.Min(_skip, length);
            int count = (int)Math.Min(length - skipped, _left.Length);
            file.Read(start + skipped, _left[..count]);
            _skip -= skipped;
            _left = _left[count..];
        }
    }
}
