namespace Actors.Cpu;

/// <summary>The free runs of a region, in ascending order; no two touch.</summary>
internal sealed class Holes
{
    private readonly List<(long First, long End)> _runs = [];

    /// <summary>All of <paramref name="bytes"/> is free.</summary>
    public Holes(long bytes) => _runs.Add((0, bytes));

    /// <summary>Free bytes.</summary>
    public long Bytes => _runs.Sum(run => run.End - run.First);

    /// <summary>Takes <paramref name="bytes"/> from the first run that has so many; says where they begin, −1 if there is none.</summary>
    public long Take(long bytes)
    {
        int place = _runs.FindIndex(run => run.End - run.First >= bytes);
        if (place < 0)
        {
            return -1;
        }

        (long first, long end) = _runs[place];
        if (end - first == bytes)
        {
            _runs.RemoveAt(place);
        }
        else
        {
            _runs[place] = (first + bytes, end);
        }

        return first;
    }

    /// <summary>Gives back what was taken.</summary>
    public void Give(long first, long bytes)
    {
        int after = _runs.FindIndex(run => run.First > first);
        after = after < 0 ? _runs.Count : after;
        long end = first + bytes;
        if (after < _runs.Count && _runs[after].First == end)
        {
            end = _runs[after].End;
            _runs.RemoveAt(after);
        }

        if (after > 0 && _runs[after - 1].End == first)
        {
            _runs[after - 1] = (_runs[after - 1].First, end);
        }
        else
        {
            _runs.Insert(after, (first, end));
        }
    }
}
