namespace Actors.Runtime.Pipeline;

/// <summary>
/// When a rank computed in a step and when rows for it were under way, and how much of the latter lay under the former: the union of
/// all rows under way, cut with the computation, so that two journeys at once count once.
/// </summary>
internal sealed class StepTimeline
{
    private readonly Stretch[] _compute;
    private readonly Stretch[] _communication;
    private readonly Stretch[] _paired;
    private int _computeCount;
    private int _communicationCount;
    private int _pairedCount;

    /// <summary>Makes room.</summary>
    /// <param name="components">Most components of a step: each computes or sends at most once.</param>
    public StepTimeline(int components)
    {
        _compute = new Stretch[components];
        _communication = new Stretch[components];
        _paired = new Stretch[components];
    }

    public void Begin() => (_computeCount, _communicationCount, _pairedCount) = (0, 0, 0);

    /// <summary>The rank computed; told in order of time.</summary>
    public void Computed(long start, long end) => _compute[_computeCount++] = new Stretch(start, end);

    /// <summary>Rows were under way; told in any order.</summary>
    public void Communicated(long start, long end, bool isPaired)
    {
        _communication[_communicationCount++] = new Stretch(start, end);
        if (isPaired)
        {
            _paired[_pairedCount++] = new Stretch(start, end);
        }
    }

    /// <summary>All communication of the step, and that which a component of an overlapped pair began.</summary>
    public (CommunicationTime All, CommunicationTime InPairs) Finish() =>
        (Measure(_communication.AsSpan(0, _communicationCount)), Measure(_paired.AsSpan(0, _pairedCount)));

    private CommunicationTime Measure(Span<Stretch> stretches)
    {
        stretches.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        long total = 0, hidden = 0, reached = long.MinValue;
        int first = 0;
        foreach (Stretch stretch in stretches)
        {
            long start = Math.Max(stretch.Start, reached);
            if (start >= stretch.End)
            {
                continue;
            }

            reached = stretch.End;
            total += stretch.End - start;
            while (first < _computeCount && _compute[first].End <= start)
            {
                first++;
            }

            for (int i = first; i < _computeCount && _compute[i].Start < stretch.End; i++)
            {
                hidden += Math.Min(_compute[i].End, stretch.End) - Math.Max(_compute[i].Start, start);
            }
        }

        return new CommunicationTime(total, hidden);
    }

    private readonly record struct Stretch(long Start, long End);
}
