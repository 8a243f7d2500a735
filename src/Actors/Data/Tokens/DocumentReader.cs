namespace Actors.Runtime.Data.Tokens;

/// <summary>Reads a text as documents, each piece by piece, in bounded memory.</summary>
/// <param name="stream">The text, from where the first document begins.</param>
/// <param name="offset">Byte of the file at which that is.</param>
/// <param name="separators">What stands between documents, as bytes and of one length or more; none: the whole text is one.</param>
internal sealed class DocumentReader(Stream stream, long offset, IReadOnlyList<byte[]> separators)
{
    private const int BufferBytes = 1 << 20;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly int _longest = separators.Count == 0 ? 1 : separators.Max(separator => separator.Length);
    private int _start, _end;
    private bool _isAtEnd, _hasEnded;

    /// <summary>Byte of the file behind what has been read.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Reads a piece of the present document.</summary>
    /// <param name="piece">Its bytes, until the next read; may be empty.</param>
    /// <param name="endsDocument">Whether it is the document's last.</param>
    /// <returns>False: there is nothing more.</returns>
    public bool Read(out ReadOnlySpan<byte> piece, out bool endsDocument)
    {
        (int at, int length) = First(_buffer.AsSpan(_start, _end - _start));
        if (at < 0)
        {
            Fill();
            (at, length) = First(_buffer.AsSpan(_start, _end - _start));
        }

        ReadOnlySpan<byte> there = _buffer.AsSpan(_start, _end - _start);
        endsDocument = at >= 0 || _isAtEnd;

        // What a separator may begin stays until more is there.
        int taken = at >= 0 ? at : _isAtEnd ? there.Length : Math.Max(0, there.Length - _longest + 1);
        piece = there[..taken];
        bool isMore = at >= 0 || !_hasEnded;
        _hasEnded |= at < 0 && _isAtEnd;
        _start += taken + length;
        Offset += taken + length;
        return isMore;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        while (!_isAtEnd && _end < _buffer.Length)
        {
            int read = stream.Read(_buffer, _end, _buffer.Length - _end);
            _isAtEnd = read == 0;
            _end += read;
        }
    }

    /// <summary>The first separator in some bytes; −1 and 0: there is none.</summary>
    private (int At, int Length) First(ReadOnlySpan<byte> bytes)
    {
        (int first, int length) = (-1, 0);
        foreach (byte[] separator in separators)
        {
            int at = bytes.IndexOf(separator);
            if (at >= 0 && (first < 0 || at < first))
            {
                (first, length) = (at, separator.Length);
            }
        }

        return (first, length);
    }
}
