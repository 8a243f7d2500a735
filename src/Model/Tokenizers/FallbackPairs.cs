using System.Globalization;
using System.Text;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tokenizers;

/// <summary>
/// A byte-pair model over the characters of a whole text: one that is no token becomes the tokens of its UTF-8 bytes, <c>&lt;0xNN&gt;</c>. Then the pair that stands first
/// among the merges is merged, of equal ones the leftmost, until none is left; as Hugging Face's tokenizers library does where <c>byte_fallback</c> is set.
/// </summary>
internal sealed class FallbackPairs
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly int[] _bytes = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges = [];

    /// <param name="path">The file, for messages.</param>
    /// <param name="file">What it says.</param>
    /// <exception cref="CheckpointException">A byte has no token, or a merge names or makes none.</exception>
    public FallbackPairs(string path, TokenizerFile file)
    {
        var ids = new Dictionary<string, int>(file.Vocabulary, StringComparer.Ordinal);
        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int value = 0; value < _bytes.Length; value++)
        {
            string token = string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
            _bytes[value] = ids.TryGetValue(token, out int id) ? id : throw new CheckpointException(path, $"model.vocab has no {token}, which model.byte_fallback needs");
        }

        foreach ((string merge, int rank) in file.Merges.Select((merge, rank) => (merge, rank)))
        {
            string[] pair = merge.Split(' ');
            _merges[(IdOf(pair[0]), IdOf(pair[1]))] = (rank, IdOf(pair[0] + pair[1]));
            int IdOf(string token) => ids.TryGetValue(token, out int id) ? id : throw new CheckpointException(path, $"model.merges[{rank}] needs \"{token}\", which model.vocab does not have");
        }
    }

    /// <summary>Adds the tokens of a text that is written as the tokens are.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> tokens)
    {
        var chain = new Chain(CharactersOf(text));
        var candidates = new PriorityQueue<(int At, int Id), long>();
        for (int at = 0; at < chain.Count - 1; at++)
        {
            Add(chain, at, candidates);
        }

        while (candidates.TryDequeue(out (int At, int Id) best, out _))
        {
            // Another merge may have taken one of the two meanwhile.
            if (MergeAt(chain, best.At) is { } merge && merge.Id == best.Id)
            {
                chain.Merge(best.At, best.Id);
                Add(chain, chain.Before(best.At), candidates);
                Add(chain, best.At, candidates);
            }
        }

        chain.AppendTo(tokens);
    }

    private void Add(Chain chain, int at, PriorityQueue<(int At, int Id), long> candidates)
    {
        if (MergeAt(chain, at) is { } merge)
        {
            candidates.Enqueue((at, merge.Id), ((long)merge.Rank << 32) | (uint)at);
        }
    }

    /// <summary>What a token and the one behind it become; null: they are not merged, or one of them is not there.</summary>
    private (int Rank, int Id)? MergeAt(Chain chain, int at) =>
        chain.PairAt(at) is { } pair && _merges.TryGetValue(pair, out (int Rank, int Id) merge) ? merge : null;

    private List<int> CharactersOf(ReadOnlySpan<char> text)
    {
        var tokens = new List<int>(text.Length);
        Span<byte> bytes = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf16(text, out Rune character, out int length);
            if (_ids.TryGetValue(text[..length], out int id))
            {
                tokens.Add(id);
            }
            else
            {
                foreach (byte value in bytes[..character.EncodeToUtf8(bytes)])
                {
                    tokens.Add(_bytes[value]);
                }
            }

            text = text[length..];
        }

        return tokens;
    }

    /// <summary>Tokens in order, of which neighbours become one at the place of the left one.</summary>
    private sealed class Chain(List<int> tokens)
    {
        private const int None = -1;

        private readonly int[] _ids = [.. tokens];
        private readonly int[] _before = [.. Enumerable.Range(0, tokens.Count).Select(at => at - 1)];
        private readonly int[] _behind = [.. Enumerable.Range(0, tokens.Count).Select(at => at + 1 < tokens.Count ? at + 1 : None)];

        public int Count => _ids.Length;

        public int Before(int at) => _before[at];

        /// <summary>The token at a place and the one behind it; null where one of them is not there.</summary>
        public (int Left, int Right)? PairAt(int at) => at == None || _ids[at] == None || _behind[at] == None ? null : (_ids[at], _ids[_behind[at]]);

        public void Merge(int at, int id)
        {
            int taken = _behind[at];
            (_ids[at], _ids[taken], _behind[at]) = (id, None, _behind[taken]);
            if (_behind[at] != None)
            {
                _before[_behind[at]] = at;
            }
        }

        public void AppendTo(List<int> into)
        {
            for (int at = Count == 0 ? None : 0; at != None; at = _behind[at])
            {
                into.Add(_ids[at]);
            }
        }
    }
}
