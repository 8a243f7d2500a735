using Actors.Simulation.Turns;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Simulation.Devices;

/// <summary>
/// Flags of ranks in a simulation. What an operation writes for another rank lies beside the other's memory at first, and comes there at a time that the seed draws; so
/// does each flag. A flag is a release: it does not come before what its rank has written. Without releases both come when they come, as a device's memory allows.
/// </summary>
internal sealed class SimulatedFlags : ExchangeFlags
{
    private const int Magnitudes = 14;
    private readonly IBackend _backend;
    private readonly SimulationLoop _loop;
    private readonly IStream _copies;
    private readonly bool _releases;
    private readonly State[] _ranks;
    private readonly List<IDisposable> _owned = [];
    private FlagTimeout? _failure;
    private int _resets;

    /// <summary>Makes them.</summary>
    /// <param name="backend">Computes.</param>
    /// <param name="loop">Whose time flags take.</param>
    /// <param name="ranks">Ranks of the group.</param>
    /// <param name="tokens">Most tokens of a rank.</param>
    /// <param name="limit">Longest wait, in virtual time.</param>
    /// <param name="releases">Whether flags keep behind what was written before them.</param>
    public SimulatedFlags(IBackend backend, SimulationLoop loop, int ranks, int tokens, TimeSpan limit, bool releases)
        : base(ranks, tokens, limit)
    {
        (_backend, _loop, _releases) = (backend, loop, releases);
        _copies = backend.CreateStream("flags");
        _ranks = [.. Enumerable.Range(0, ranks).Select(_ => new State(ranks))];
        Inner = backend.CreateFlags([.. Enumerable.Repeat(backend, ranks)], tokens, limit);
    }

    /// <summary>Those of the backend that computes, which waits for nobody.</summary>
    public ExchangeFlags Inner { get; }

    /// <inheritdoc/>
    public override FlagTimeout? Failure => _failure;

    /// <inheritdoc/>
    public override void Reset(IStream stream, int rank)
    {
        _ranks[rank] = new State(Ranks) { Written = _ranks[rank].Written, Seen = _ranks[rank].Seen };
        _failure = null;
        _resets++;
    }

    /// <summary>Where a rank's dispatch writes, from where it comes to the windows.</summary>
    public FlagWindows WrittenBy(int rank, FlagWindows windows)
    {
        if (_ranks[rank].Written is not { } written || written.Rows[0].Columns != windows.Rows[0].Columns)
        {
            (written, Arena memory) = FlagWindows.Like(_backend, windows);
            _owned.Add(memory);
            _ranks[rank].Written = written;
        }

        return written;
    }

    /// <summary>A rank has enqueued to write its rows: they come to the windows, and its flags to the ranks; its work goes on when all ranks' have come.</summary>
    public void Dispatched(int rank, DelayedWork work, FlagWindows windows)
    {
        State own = _ranks[rank];
        uint exchange = ++own.Exchange;
        FlagWindows written = own.Written!;
        (long count, long end) = work.Place;
        for (int to = 0; to < Ranks; to++)
        {
            int owner = to;
            Send(work, count, end, () => Deliver(rank, owner, written, windows), () => _ranks[owner].Rows[rank] = exchange, owner);
        }

        Wait(rank, work, end, own.Rows, nameof(IFlagExchangeOperations.DispatchTokens), () => Forget(windows.Experts[rank]));
    }

    /// <summary>A rank's experts have computed: its partial sums can be seen, and its flags come to the ranks; its work goes on when all ranks' have come.</summary>
    /// <returns>The partial sums of all ranks as others see them.</returns>
    public Tensor[] Computed(int rank, DelayedWork work, Tensor[] partials)
    {
        State own = _ranks[rank];
        uint exchange = own.Exchange;
        (long count, long end) = work.Place;
        Tensor seen = SeenOf(rank, partials);
        bool isSeen = false;
        void See()
        {
            if (!isSeen)
            {
                isSeen = true;
                _copies.Copy(partials[rank], seen);
            }
        }

        for (int to = 0; to < Ranks; to++)
        {
            int owner = to;
            Send(work, count, end, See, () => _ranks[owner].Sums[rank] = exchange, owner);
        }

        Wait(rank, work, end, own.Sums, nameof(IFlagExchangeOperations.CombineTokens), static () => { });
        return [.. Enumerable.Range(0, Ranks).Select(other => SeenOf(other, partials))];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _owned.ForEach(memory => memory.Dispose());
            _copies.Dispose();
            Inner.Dispose();
        }
    }

    /// <summary>Two stores that come when they come, but the flag behind the rows where it is a release.</summary>
    private void Send(DelayedWork work, long count, long end, Action deliver, Action raise, int owner)
    {
        bool isDelivered = false;
        int resets = _resets;
        void Deliver()
        {
            if (!isDelivered && resets == _resets && work.TryDo(count))
            {
                isDelivered = true;
                deliver();
            }
        }

        long come = end + Delay(), seen = _releases ? come + Delay() : end + Delay();
        _loop.At(come, Deliver);
        _loop.At(seen, () =>
        {
            if (_releases)
            {
                Deliver();
            }

            if (resets == _resets && work.TryDo(count))
            {
                raise();
                _ranks[owner].Look();
            }
        });
    }

    private void Wait(int rank, DelayedWork work, long end, uint[] flags, string operation, Action forget)
    {
        State own = _ranks[rank];
        if (_failure is not null)
        {
            work.AddAfter(0, forget);
            return;
        }

        var gate = new Gate();
        uint exchange = own.Exchange;
        own.Await(gate, flags, exchange);
        work.WaitFor(gate);
        work.WhenOpen(() =>
        {
            if (_failure is not null)
            {
                work.AddAfter(0, forget);
            }
        });
        if (Limit != Timeout.InfiniteTimeSpan)
        {
            _loop.At(end + Limit.Ticks, () =>
            {
                if (!gate.IsOpen)
                {
                    int peer = Array.FindIndex(flags, flag => (int)(flag - exchange) < 0);
                    _failure ??= new FlagTimeout(rank, peer, operation, Block: 0, exchange, flags[peer], Limit);
                    Array.ForEach(_ranks, state => state.GiveUp());
                }
            });
        }
    }

    private void Deliver(int source, int owner, FlagWindows written, FlagWindows windows)
    {
        Tensor Part(Tensor window) => window.RowRange(source * Tokens, Tokens);
        _copies.Copy(Part(written.Rows[owner]), Part(windows.Rows[owner]));
        _copies.Copy(Part(written.Experts[owner]), Part(windows.Experts[owner]));
        _copies.Copy(Part(written.Weights[owner]), Part(windows.Weights[owner]));
    }

    /// <summary>Choices that name no expert, in place of what nobody has written.</summary>
    private void Forget(Tensor experts)
    {
        var none = new byte[experts.Count * sizeof(int)];
        Array.Fill(none, byte.MaxValue);
        _copies.Upload(none, experts);
    }

    private Tensor SeenOf(int rank, Tensor[] partials)
    {
        if (_ranks[rank].Seen.IsAbsent || _ranks[rank].Seen.Columns != partials[0].Columns)
        {
            var memory = new Arena(_backend, Arena.Plan(partials[0].Rows, partials[0].Columns, partials[0].Type));
            _owned.Add(memory);
            _ranks[rank].Seen = memory.Take(partials[0].Rows, partials[0].Columns, partials[0].Type);
        }

        return _ranks[rank].Seen;
    }

    private long Delay() => _loop.Draw(3) == 0 ? 0 : _loop.Draw(1 << _loop.Draw(Magnitudes + 1));

    /// <summary>A rank's memory of flags, and what it waits for.</summary>
    private sealed class State(int ranks)
    {
        private Gate? _gate;
        private uint[] _awaited = [];
        private uint _expected;

        public uint Exchange { get; set; }

        public uint[] Rows { get; } = new uint[ranks];

        public uint[] Sums { get; } = new uint[ranks];

        public FlagWindows? Written { get; set; }

        public Tensor Seen { get; set; }

        public void Await(Gate gate, uint[] flags, uint exchange)
        {
            (_gate, _awaited, _expected) = (gate, flags, exchange);
            Look();
        }

        public void Look()
        {
            if (_gate is { } gate && Array.TrueForAll(_awaited, flag => (int)(flag - _expected) >= 0))
            {
                _gate = null;
                gate.Open();
            }
        }

        public void GiveUp()
        {
            Gate? gate = _gate;
            _gate = null;
            gate?.Open();
        }
    }
}
