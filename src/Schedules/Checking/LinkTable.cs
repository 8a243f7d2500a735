using System.Runtime.InteropServices;

namespace Actors.Schedules.Checking;

/// <summary>
/// The links of a timetable, one for each ordered pair of ranks that something is sent over, and who uses them in which order.
/// </summary>
internal sealed class LinkTable
{
    private readonly Dictionary<(int From, int To), int> _numbers = [];
    private readonly List<(int From, int To)> _ends = [];
    private readonly List<List<LinkStep>> _sent = [];
    private readonly List<List<LinkStep>> _received = [];
    private readonly List<LinkStep>[] _steps;

    public LinkTable(int ranks)
    {
        _steps = new List<LinkStep>[ranks];
        for (var rank = 0; rank < ranks; rank++)
        {
            _steps[rank] = [];
        }
    }

    /// <summary>Number of links.</summary>
    public int Count => _ends.Count;

    public int Ranks => _steps.Length;

    public (int From, int To) EndsOf(int link) => _ends[link];

    public ReadOnlySpan<LinkStep> StepsOf(int rank) => CollectionsMarshal.AsSpan(_steps[rank]);

    public List<LinkStep> SentOver(int link) => _sent[link];

    public List<LinkStep> ReceivedOver(int link) => _received[link];

    /// <summary>Adds the next step of a rank, which is one of the two ends.</summary>
    public void Add(int rank, int from, int to, LinkStep step)
    {
        ref var link = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, (from, to), out var isKnown);
        if (!isKnown)
        {
            link = _ends.Count;
            _ends.Add((from, to));
            _sent.Add([]);
            _received.Add([]);
        }

        step = step with { Link = link };
        _steps[rank].Add(step);
        (step.IsSend ? _sent : _received)[link].Add(step);
    }
}
