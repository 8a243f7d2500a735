namespace Actors.Schedules.Formats;

/// <summary>The lines of a text without their ends; a line feed at the very end starts no further line.</summary>
internal ref struct TextLines
{
    private ReadOnlySpan<char> _rest;
    private bool _atEnd;

    private TextLines(ReadOnlySpan<char> text) => _rest = text;

    public ReadOnlySpan<char> Current { get; private set; }

    public static TextLines Of(ReadOnlySpan<char> text)
        => new(text.Length > 0 && text[0] == '\uFEFF' ? text[1..] : text);

    public readonly TextLines GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_atEnd || _rest.IsEmpty)
        {
            return false;
        }

        var end = _rest.IndexOf('\n');
        _atEnd = end < 0;
        Current = (_atEnd ? _rest : _rest[..end]).TrimEnd('\r');
        _rest = _atEnd ? default : _rest[(end + 1)..];
        return true;
    }
}
