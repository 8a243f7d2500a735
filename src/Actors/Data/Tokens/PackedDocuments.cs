using Actors.Model.Layers;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// Documents of token files as one row of tokens, which is cut into sequences without a gap: documents are packed whole, and cut only where a sequence
/// ends. The target of a token is the next one of its document; the last of a document, and what fills the last sequence, has none (−1). Of every 256
/// documents the place is kept, the others are counted from there.
/// </summary>
internal sealed class PackedDocuments
{
    private const int BlockDocuments = 256;

    private readonly IReadOnlyList<TokenFile> _files;
    private readonly HeldOutDocuments _split;
    private readonly bool _areHeldOut;
    private readonly FillInMiddle? _fill;
    private readonly List<Block> _blocks = [];

    /// <param name="files">The files; documents are numbered through all of them.</param>
    /// <param name="split">Which documents are held out.</param>
    /// <param name="areHeldOut">Whether these are packed, or the others.</param>
    /// <param name="fill">Reorders some documents; null: none.</param>
    public PackedDocuments(IReadOnlyList<TokenFile> files, HeldOutDocuments split, bool areHeldOut, FillInMiddle? fill)
    {
        (_files, _split, _areHeldOut, _fill) = (files, split, areHeldOut, fill);
        long number = 0;
        for (int file = 0; file < files.Count; file++)
        {
            for (long first = 0; first < files[file].Documents; first += BlockDocuments)
            {
                _blocks.Add(new Block(file, first, number + first, Tokens));
                long end = Math.Min(first + BlockDocuments, files[file].Documents);
                for (long document = first; document < end; document++)
                {
                    Tokens += LengthOf(files[file], document, number + document);
                }
            }

            number += files[file].Documents;
        }
    }

    /// <summary>Number of tokens.</summary>
    public long Tokens { get; }

    /// <summary>Number of sequences of a length; the last may be filled up.</summary>
    public long SequencesOf(int length) => (Tokens + length - 1) / length;

    /// <summary>Reads one sequence.</summary>
    /// <param name="sequence">0 to the number of sequences of this length − 1.</param>
    /// <param name="ids">Output (length).</param>
    /// <param name="targets">Output (length): each token's successor in its document, −1 where there is none.</param>
    public void Read(long sequence, Span<int> ids, Span<int> targets)
    {
        var cursor = new Cursor(this, sequence * ids.Length);
        int done = 0;
        while (done < ids.Length && cursor.Next())
        {
            int count = (int)Math.Min(cursor.Left, ids.Length - done);
            Span<int> part = ids.Slice(done, count), next = targets.Slice(done, count);
            cursor.Read(cursor.Offset, part);
            part[1..].CopyTo(next);
            if (cursor.Left > count)
            {
                cursor.Read(cursor.Offset + count, next[^1..]);
            }
            else
            {
                next[^1] = -1;
            }

            done += count;
        }

        ids[done..].Clear();
        targets[done..].Fill(-1);
    }

    /// <summary>Reads where one sequence's tokens stand in their documents. A document that began in the sequence before begins anew.</summary>
    /// <param name="sequence">As in <see cref="Read"/>.</param>
    /// <param name="positions">Output (length): from 0 in each document; what fills the last sequence counts as one.</param>
    public void ReadPositions(long sequence, Span<int> positions)
    {
        var cursor = new Cursor(this, sequence * positions.Length);
        while (!positions.IsEmpty)
        {
            int count = cursor.Next() ? (int)Math.Min(cursor.Left, positions.Length) : positions.Length;
            Count(positions[..count]);
            positions = positions[count..];
        }
    }

    /// <summary>Numbers the tokens of one document.</summary>
    public static void Count(Span<int> positions)
    {
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i] = i;
        }
    }

    /// <summary>Adds the targets of one sequence: of the next token, and of those further that prediction modules predict.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="counts">Of depth 0, 1, and so on; added to.</param>
    public void AddTargets(long sequence, int length, Span<long> counts)
    {
        var cursor = new Cursor(this, sequence * length);
        int done = 0;
        while (done < length && cursor.Next())
        {
            int count = (int)Math.Min(cursor.Left, length - done);
            PredictionTokens.AddRun(cursor.Left > count ? count : count - 1, counts);
            done += count;
        }
    }

    /// <summary>Reads the beginning of the first document.</summary>
    public int[] Beginning(int most)
    {
        var cursor = new Cursor(this, 0);
        var tokens = new int[cursor.Next() ? Math.Min(most, cursor.Left) : 0];
        cursor.Read(0, tokens);
        return tokens;
    }

    /// <summary>Tokens that a document has here; 0: it is not packed.</summary>
    private long LengthOf(TokenFile file, long document, long number)
    {
        if (_split.Has(number) != _areHeldOut)
        {
            return 0;
        }

        long length = file.StartOf(document + 1) - file.StartOf(document);
        return _fill?.Takes(number, length - EndLength(file)) == true ? length + FillInMiddle.Added : length;
    }

    private static int EndLength(TokenFile file) => file.EndToken is null ? 0 : 1;

    /// <summary>The block that holds a place.</summary>
    private int BlockAt(long place)
    {
        (int low, int high) = (0, _blocks.Count - 1);
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _blocks[middle].Start <= place ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Documents of a file: the first, its number, and where its tokens begin here.</summary>
    private readonly record struct Block(int File, long First, long Number, long Start);

    /// <summary>Goes through documents from a place on.</summary>
    private ref struct Cursor
    {
        private readonly PackedDocuments _all;
        private readonly long _place;
        private long _document, _number, _start, _length;
        private int _file;

        public Cursor(PackedDocuments all, long place)
        {
            (_all, _place) = (all, place);
            Block block = all._blocks[all.BlockAt(place)];
            (_file, _document, _number, _start) = (block.File, block.First - 1, block.Number - 1, block.Start);
        }

        /// <summary>Where in the present document reading begins.</summary>
        public long Offset { get; private set; }

        /// <summary>Its tokens from there on.</summary>
        public readonly long Left => _length - Offset;

        /// <summary>Goes to the next document that has tokens behind the place.</summary>
        public bool Next()
        {
            do
            {
                _start += _length;
                _number++;
                if (++_document == _all._files[_file].Documents)
                {
                    if (++_file == _all._files.Count)
                    {
                        return false;
                    }

                    _document = 0;
                }

                _length = _all.LengthOf(_all._files[_file], _document, _number);
            }
            while (_length == 0 || _start + _length <= _place);

            Offset = Math.Max(0, _place - _start);
            return true;
        }

        public readonly void Read(long offset, Span<int> tokens)
        {
            TokenFile file = _all._files[_file];
            long start = file.StartOf(_document), stored = file.StartOf(_document + 1) - start;
            if (stored < _length)
            {
                _all._fill!.Read(file, start, _number, stored - EndLength(file), offset, tokens);
            }
            else
            {
                file.Read(start + offset, tokens);
            }
        }
    }
}
