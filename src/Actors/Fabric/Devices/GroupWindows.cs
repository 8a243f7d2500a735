using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Devices;

/// <summary>
/// Windows of an expert group whose ranks' memories each of their devices reaches, and how many rows they have room for. Windows are used in turns, by number: all ranks of a
/// group begin and end exchanges in one order, so each finds the same number free. What a rank does behind the end of an exchange is ordered behind all that any
/// rank did with its windows, since it has waited for all ranks' sums.
/// </summary>
internal sealed class GroupWindows : IDisposable
{
    /// <summary>Tokens up to which marks and messages take longer than rows: beyond, counts save more than they cost.</summary>
    private const int MostFlagTokens = 256;

    private readonly IReadOnlyList<IBackend> _devices;
    private readonly int _maxTokens;
    private readonly Lock _gate = new();
    private readonly List<ExchangeWindows> _windows = [];
    private readonly List<IDisposable> _owned = [];
    private int _mostRows;
    private int _mostSorted;

    /// <summary>Plans windows; memory is allocated when they are first asked for.</summary>
    /// <param name="devices">The device of each rank; each reaches the memory of all.</param>
    /// <param name="shape">The group.</param>
    /// <param name="maxTokens">Rows of a rank's largest chunk.</param>
    /// <param name="capacityFactor">Rows of a window as a multiple of what a balanced gate would send; null: all that can come.</param>
    public GroupWindows(IReadOnlyList<IBackend> devices, GroupShape shape, int maxTokens, double? capacityFactor)
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(shape);
        (_devices, Shape, _maxTokens) = (devices, shape, maxTokens);
        Rows = MostRows(maxTokens);
        SortedRows = MostSorted(Rows);
        if (capacityFactor is { } factor)
        {
            Rows = (int)Math.Min(Rows, Math.Ceiling(factor * maxTokens * Math.Min(shape.Choices, shape.Ranks)));
            SortedRows = (int)Math.Min(MostSorted(Rows), Math.Ceiling(factor * maxTokens * shape.Choices));
        }
    }

    /// <summary>The group.</summary>
    public GroupShape Shape { get; }

    /// <summary>Flags by which ranks wait for each other in decoding steps; the windows' to free. Null: they go on behind each other's marks.</summary>
    public ExchangeFlags? Flags { get; private set; }

    /// <summary>Rows of a window.</summary>
    public int Rows { get; private set; }

    /// <summary>Rows of a rank's experts: a received row counts with each of them that it chose.</summary>
    public int SortedRows { get; private set; }

    /// <summary>The windows of a number.</summary>
    public ExchangeWindows this[int number]
    {
        get
        {
            lock (_gate)
            {
                while (_windows.Count <= number)
                {
                    _windows.Add(new ExchangeWindows(_devices, Shape, Rows));
                }

                return _windows[number];
            }
        }
    }

    /// <summary>Rows that can come to a rank at most in a step whose chunks have so many tokens.</summary>
    public int RowsFor(int mostTokens) => Math.Min(Rows, MostRows(Math.Min(mostTokens, _maxTokens)));

    /// <summary>Rows of a rank's experts at most, of so many received rows.</summary>
    public int SortedRowsFor(int rows) => Math.Min(SortedRows, MostSorted(rows));

    /// <summary>
    /// Makes flags for steps of so many tokens a rank, where that is few: each rank sorts rows for all tokens that may come, and says to all ranks which do not. Each rank
    /// has a device of its own, which computes for no other.
    /// </summary>
    /// <param name="tokens">Most tokens of a rank.</param>
    /// <param name="limit">Longest wait for a rank.</param>
    public void UseFlags(int tokens, TimeSpan limit)
    {
        if (tokens <= Math.Min(MostFlagTokens, _maxTokens))
        {
            Flags = _devices[0].CreateFlags(_devices, tokens, limit);
            Own(Flags);
        }
    }

    /// <summary>Begins a step, which no rank does before all have ended the one before: windows that were too small are made larger.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_mostRows > Rows)
            {
                Rows = Grown(_mostRows, MostRows(_maxTokens));
                _windows.ForEach(windows => windows.Dispose());
                _windows.Clear();
            }

            // Of rows that had no place nobody knows how many experts they chose: the step that is repeated may show that these need more room too.
            SortedRows = Math.Min(MostSorted(Rows), Math.Max(SortedRows, _mostSorted > SortedRows ? Grown(_mostSorted, int.MaxValue) : 0));
            (_mostRows, _mostSorted) = (0, 0);
        }
    }

    /// <summary>Ends a rank's step: says how many rows came to it and its experts at most in an exchange.</summary>
    /// <returns>Whether there was room for all.</returns>
    public bool End(int rows, int sorted)
    {
        lock (_gate)
        {
            (_mostRows, _mostSorted) = (Math.Max(_mostRows, rows), Math.Max(_mostSorted, sorted));
            return rows <= Rows && sorted <= SortedRows;
        }
    }

    /// <summary>Leaves what a rank uses with the windows, to be freed when no rank uses them any more.</summary>
    public void Own(IDisposable resource)
    {
        lock (_gate)
        {
            _owned.Add(resource);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned.ForEach(resource => resource.Dispose());
        _windows.ForEach(windows => windows.Dispose());
    }

    /// <summary>A quarter more, so that a gate that moves a little does not repeat step after step.</summary>
    private static int Grown(int rows, int most) => (int)Math.Min(most, rows + (rows / 4L));

    private int MostRows(int tokens) => checked(tokens * Shape.Ranks);

    private int MostSorted(int rows) => checked(rows * Math.Min(Shape.Choices, Shape.ExpertsPerRank));
}
