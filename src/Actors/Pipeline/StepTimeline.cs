namespace Actors.Runtime.Pipeline;

/// <summary>
/// When a rank computed in a step, when rows for it were under way and when it waited, and how much of the latter two lay under the first: the union of
/// all rows under way, cut with the computation, so that two journeys at once count once.
/// </summary>
internal sealed class StepTimeline
{
    private readonly Stretches _compute;
    private readonly Stretches _held;
    private readonly Stretches _communication;
    private readonly Stretches _paired;
    private readonly Stretches[] _waits;

    /// <summary>Makes room.</summary>
    /// <param name="components">Most components of a step: each computes, sends and is waited for at most once, by the host and by the device.</param>
    public StepTimeline(int components)
    {
        _compute = new Stretches(components);
        _held = new Stretches(components);
        _communication = new Stretches(components);
        _paired = new Stretches(components);
        _waits = [.. Enum.GetValues<WaitKind>().Select(_ => new Stretches(2 * components))];
    }

    public void Begin()
    {
        _compute.Clear();
        _held.Clear();
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

    /// <summary>The rank's device had come to a component and waited for its rows; told in order of time.</summary>
    public void Held(long start, long end)
    {
        _held.Add(start, end);
        Waited(start, end, WaitKind.Rows);
    }

    /// <summary>All communication of the step, and that which a component of an overlapped pair began.</summary>
    public (CommunicationTime All, CommunicationTime InPairs) Finish() => (Measure(_communication), Measure(_paired));

    /// <summary>The time of the step in which the stage waited and nothing was computed; what the device waited for in between counts as that alone.</summary>
    public long Idle(WaitKind kind)
    {
        Stretches waits = _waits[(int)kind];
        CommunicationTime waited = Measure(waits);
        return waited.Total - waited.Hidden - (kind == WaitKind.Rows ? 0 : Common(waits.All, _held.All));
    }

    /// <summary>The part of the idle time of <see cref="WaitKind.Rows"/> in which rows were under way.</summary>
    public long IdleUnderWay()
    {
        ReadOnlySpan<Stretch> waits = _waits[(int)WaitKind.Rows].Unite(), moves = _communication.Unite(), compute = _compute.All;
        long idle = 0;
        int firstMove = 0, firstComputed = 0;
        foreach (Stretch wait in waits)
        {
            Skip(moves, wait.Start, ref firstMove);
            for (int i = firstMove; i < moves.Length && moves[i].Start < wait.End; i++)
            {
                Stretch both = wait.And(moves[i]);
                idle += both.End - both.Start - Covered(compute, both, ref firstComputed);
            }
        }

        return idle;
    }

    private CommunicationTime Measure(Stretches stretches)
    {
        long total = 0;
        ReadOnlySpan<Stretch> united = stretches.Unite();
        foreach (Stretch stretch in united)
        {
            total += stretch.End - stretch.Start;
        }

        return new CommunicationTime(total, Common(united, _compute.All));
    }

    /// <summary>How long both were; each in order of time, without overlaps.</summary>
    private static long Common(ReadOnlySpan<Stretch> stretches, ReadOnlySpan<Stretch> cover)
    {
        long common = 0;
        int first = 0;
        foreach (Stretch stretch in stretches)
        {
            common += Covered(cover, stretch, ref first);
        }

        return common;
    }

    private static long Covered(ReadOnlySpan<Stretch> cover, Stretch stretch, ref int first)
    {
        Skip(cover, stretch.Start, ref first);
        long covered = 0;
        for (int i = first; i < cover.Length && cover[i].Start < stretch.End; i++)
        {
            Stretch both = stretch.And(cover[i]);
            covered += both.End - both.Start;
        }

        return covered;
    }

    /// <summary>Goes on to the first that ends after a time.</summary>
    private static void Skip(ReadOnlySpan<Stretch> stretches, long time, ref int first)
    {
        while (first < stretches.Length && stretches[first].End <= time)
        {
            first++;
        }
    }

    private readonly record struct Stretch(long Start, long End)
    {
        /// <summary>What both have; they overlap.</summary>
        public Stretch And(Stretch other) => new(Math.Max(Start, other.Start), Math.Min(End, other.End));
    }

    private sealed class Stretches(int most)
    {
        private readonly Stretch[] _all = new Stretch[most];
        private int _count;

        public Span<Stretch> All => _all.AsSpan(0, _count);

        public void Clear() => _count = 0;

        public void Add(long start, long end) => _all[_count++] = new Stretch(start, end);

        /// <summary>Orders them by time and joins those that overlap.</summary>
        public ReadOnlySpan<Stretch> Unite()
        {
            Span<Stretch> all = All;
            all.Sort(static (a, b) => a.Start.CompareTo(b.Start));
            int united = 0;
            foreach (Stretch stretch in all)
            {
                if (stretch.Start >= stretch.End)
                {
                    continue;
                }

                if (united > 0 && stretch.Start <= all[united - 1].End)
                {
                    all[united - 1] = all[united - 1] with { End = Math.Max(all[united - 1].End, stretch.End) };
                }
                else
                {
                    all[united++] = stretch;
                }
            }

            _count = united;
            return All;
        }
    }
}
