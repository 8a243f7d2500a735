using System.Collections.Immutable;

namespace Actors.Schedules.Checking;

/// <summary>
/// Plays the sends and receives of all ranks over links that hold a given number of results, 0 for blocking ones.
/// <para>
/// One play proves all timings. Each rank does a fixed list, each link is a queue with one writer and one reader: a network of Kahn
/// ("The semantics of a simple language for parallel programming", 1974). A step that can happen stays able to happen until it does, for
/// only its own rank can take its place in the list, only its own reader empties its queue, and only its own writer fills it. So of two
/// steps that can happen either may come first, with the same outcome, and every play that goes on as long as it can ends in the same
/// state: all through, or the same ranks blocked at the same places. Over a blocking link a send and its receive are one step of both.
/// A larger capacity takes away no step, so what gets through with one gets through with more.
/// </para>
/// Computations are left out, as they wait for nothing but what stands before them in their own list. Linear in steps.
/// </summary>
internal sealed class LinkPlay
{
    private readonly LinkTable _links;
    private readonly int _capacity;
    private readonly int[] _done;
    private readonly int[] _held;
    private readonly Stack<int> _runnable = new();

    private LinkPlay(LinkTable links, int capacity)
    {
        _links = links;
        _capacity = capacity;
        _done = new int[links.Ranks];
        _held = new int[links.Count];
        for (var rank = links.Ranks - 1; rank >= 0; rank--)
        {
            _runnable.Push(rank);
        }
    }

    public static LinkPlay Run(LinkTable links, int capacity)
    {
        var play = new LinkPlay(links, capacity);
        while (play._runnable.TryPop(out var rank))
        {
            while (play.CurrentOf(rank) is { } step && play.TryDo(step))
            {
            }
        }

        return play;
    }

    /// <summary>The step that a rank never gets past; null where it gets through.</summary>
    public LinkStep? CurrentOf(int rank)
    {
        var steps = _links.StepsOf(rank);
        return _done[rank] < steps.Length ? steps[_done[rank]] : null;
    }

    /// <summary>Reports every rank that is blocked for good, with what it waits for and where the other side stands.</summary>
    public void Report(Timetable timetable, ImmutableArray<TimetableViolation>.Builder violations)
    {
        for (var rank = 0; rank < _links.Ranks; rank++)
        {
            if (CurrentOf(rank) is { } step)
            {
                violations.Add(new TimetableViolation(
                    ScheduleRule.NoDeadlock, rank, step.Position, timetable.ActionsOf(rank)[step.Position], Explain(step, timetable)));
            }
        }
    }

    // Does what can be done of a step and wakes the rank that may have waited for it.
    private bool TryDo(in LinkStep step)
    {
        var (from, to) = _links.EndsOf(step.Link);
        if (_capacity == 0)
        {
            if (CurrentOf(from) is not { IsSend: true } send || send.Link != step.Link
                || CurrentOf(to) is not { IsSend: false } receive || receive.Link != step.Link)
            {
                return false;
            }

            _done[from]++;
            _done[to]++;
            _runnable.Push(step.IsSend ? to : from);
            return true;
        }

        if (step.IsSend ? _held[step.Link] == _capacity : _held[step.Link] == 0)
        {
            return false;
        }

        _held[step.Link] += step.IsSend ? 1 : -1;
        _done[step.IsSend ? from : to]++;
        _runnable.Push(step.IsSend ? to : from);
        return true;
    }

    // The other side is blocked too: a link has as many sends as receives, and had it done all of its own, this step could happen.
    private string Explain(in LinkStep step, Timetable timetable)
    {
        var (from, to) = _links.EndsOf(step.Link);
        var other = step.IsSend ? to : from;
        var position = CurrentOf(other)!.Value.Position;
        var wait = !step.IsSend ? $"waits for rank {from} to send"
            : _capacity == 0 ? $"waits for rank {to} to receive it"
            : $"waits for room in the link to rank {to}, which holds {_capacity}";
        return $"{wait}, but that rank waits at position {position} with {timetable.ActionsOf(other)[position]}";
    }
}
