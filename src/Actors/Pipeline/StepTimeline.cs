namespace Actors.Runtime.Pipeline;

/// <summary>
/// When a rank computed in a step, when rows for it were under way and when it waited, and how much of the latter two lay under the first: the union of
/// all rows under way, cut with the computation, so that two journeys at once count once.
/// </summary>
internal sealed class StepTimeline
{
    private readonly Stretches _compute;
    private readonly Stretches _communication;
    private readonly Stretches _paired;
    private readonly Stretches[] _waits;

    /// <summary>Makes room.</summary>
    /// <param name="components">Most components of a step: each computes, sends and is waited for at most once.</param>
    public StepTimeline(int components)
    {
        _compute = new Stretches(components);
        _communication = new Stretches(components);
        _paired = new Stretches(components);
        _waits = [.. Enum.GetValues<WaitKind>().Select(_ => new Stretches(components))];
    }

    public void Begin()
    {
        _compute.Clear();
        _communication.Clear();
        _paired.Clear();
        Array.ForEach(_waits, static waits => waits.Clear());
    }

    /// <summary>The rank computed; told in order of time.</summary>
    public void Computed(long start, long end) => _compute.Add(start, end);

    /// <summary>Rows were under way; told in any order.</summary>
    public void Communicated(long start, long end, bool isPaired)
    {
        _communication.Add(start, end);
        if (isPaired)
        {
            _paired.Add(start, end);
        }
    }

    /// <summary>The stage waited.</summary>
    public void Waited(long start, long end, WaitKind kind) => _waits[(int)kind].Add(start, end);

    /// <summary>All communication of the step, and that which a component of an overlapped pair began.</summary>
    public (CommunicationTime All, CommunicationTime InPairs) Finish() => (Measure(_communication.All), Measure(_paired.All));

    /// <summary>The time of the step in which the stage waited and nothing was computed.</summary>
    public long Idle(WaitKind kind)
    {
        CommunicationTime waited = Measure(_waits[(int)kind].All);
        return waited.Total - waited.Hidden;
    }

    private CommunicationTime Measure(Span<Stretch> stretches)
    {
        stretches.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        long total = 0, hidden = 0, reached = long.MinValue;
        ReadOnlySpan<Stretch> compute = _compute.All;
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
            while (first < compute.Length && compute[first].End <= start)
            {
                first++;
            }

            for (int i = first; i < compute.Length && compute[i].Start < stretch.End; i++)
            {
                hidden += Math.Min(compute[i].End, stretch.End) - Math.Max(compute[i].Start, start);
            }
        }

        return new CommunicationTime(total, hidden);
    }

    private readonly record struct Stretch(long Start, long End);

    private sealed class Stretches(int most)
    {
        private readonly Stretch[] _all = new Stretch[most];
        private int _count;

        public Span<Stretch> All => _all.AsSpan(0, _count);

        public void Clear() => _count = 0;

        public void Add(long start, long end) => _all[_count++] = new Stretch(start, end);
    }
}
