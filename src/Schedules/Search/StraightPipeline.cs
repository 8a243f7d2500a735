using Actors.Schedules.Timing;

namespace Actors.Schedules.Search;

/// <summary>
/// What a search looks up all the time, by rank: the costs of its one stage, of its links, and how many chunks fit. With it the times of a
/// lone micro-batch: until it reaches a rank, from there to the last rank and back, and from there back to the first.
/// </summary>
internal sealed class StraightPipeline
{
    /// <summary>What rounding may add to memory: a sum of the same numbers in another order is still within the limit.</summary>
    public const double Rounding = 1 + 1e-12;

    private readonly StageCosts[] _costs;
    private readonly Hop[] _down;
    private readonly Hop[] _up;
    private readonly double[] _capacity;

    public StraightPipeline(SearchRequest request)
    {
        Ranks = request.Ranks;
        MicroBatches = request.MicroBatches;
        KeptForWeights = request.Memory.KeptForWeights;
        _costs = new StageCosts[Ranks];
        _capacity = new double[Ranks];
        _down = new Hop[Ranks];
        _up = new Hop[Ranks];
        for (var rank = 0; rank < Ranks; rank++)
        {
            _costs[rank] = request.Costs.OfStage(rank);
            var chunk = request.Memory.ActivationsOf(rank);
            _capacity[rank] = chunk == 0 ? double.PositiveInfinity : request.MemoryLimit / chunk * Rounding;
            _down[rank] = rank + 1 < Ranks ? Hop.Of(request.Costs.LinkOf(rank, rank + 1), request.Costs.ActivationBytes) : default;
            _up[rank] = rank > 0 ? Hop.Of(request.Costs.LinkOf(rank, rank - 1), request.Costs.GradientBytes) : default;
        }

        Head = new double[Ranks];
        Turn = new double[Ranks];
        Tail = new double[Ranks];
        SumUp();
    }

    public int Ranks { get; }

    public int MicroBatches { get; }

    /// <summary>Share of a chunk's memory from its I to its W.</summary>
    public double KeptForWeights { get; }

    /// <summary>From the step's start to when a rank can begin its first forward, at the earliest: [ranks].</summary>
    public double[] Head { get; }

    /// <summary>From the end of a forward to the start of the chunk's backward, at the earliest: [ranks].</summary>
    public double[] Turn { get; }

    /// <summary>From the end of a chunk's I to the end of the micro-batch's last backward, on rank 0, at the earliest: [ranks].</summary>
    public double[] Tail { get; }

    public ref readonly StageCosts CostsOf(int rank) => ref _costs[rank];

    /// <summary>The link to the next rank.</summary>
    public ref readonly Hop DownFrom(int rank) => ref _down[rank];

    /// <summary>The link to the rank before.</summary>
    public ref readonly Hop UpFrom(int rank) => ref _up[rank];

    /// <summary>Chunks that fit on a rank while none is past its I; may be infinite, and not whole.</summary>
    public double CapacityOf(int rank) => _capacity[rank];

    /// <summary>Most chunks that fit on a rank between F and I, the micro-batches at most.</summary>
    public int MostInFlight(int rank) => (int)Math.Min(Math.Floor(_capacity[rank]), MicroBatches);

    /// <summary>
    /// Most chunks that are on a rank between F and W: when the last of them came it took 1, and each of the others at least what is kept
    /// for its W.
    /// </summary>
    public int MostHeld(int rank) => KeptForWeights == 0
        ? MicroBatches
        : (int)Math.Min(1 + Math.Floor((_capacity[rank] - 1) / KeptForWeights), MicroBatches);

    /// <summary>Whether a rank has memory for another forward.</summary>
    public bool Fits(int rank, int inFlight, int owed) => inFlight + 1 + (KeptForWeights * owed) <= _capacity[rank];

    /// <summary>The least time that a chunk's backward takes a rank.</summary>
    public double BackwardOf(int rank) => Math.Min(_costs[rank].BackwardInput + _costs[rank].BackwardWeights, _costs[rank].Backward);

    /// <summary>The least time from the start of a chunk's backward to its input gradient.</summary>
    public double InputOf(int rank) => Math.Min(_costs[rank].BackwardInput, _costs[rank].Backward);

    private void SumUp()
    {
        for (var rank = 1; rank < Ranks; rank++)
        {
            Head[rank] = Head[rank - 1] + _costs[rank - 1].Forward + _down[rank - 1].Time;
        }

        for (var rank = Ranks - 2; rank >= 0; rank--)
        {
            var next = rank + 1;
            Turn[rank] = _down[rank].Time + _costs[next].Forward + Turn[next] + InputOf(next) + _up[next].Time;
        }

        Tail[0] = BackwardOf(0) - InputOf(0);
        for (var rank = 1; rank < Ranks; rank++)
        {
            Tail[rank] = _up[rank].Time + InputOf(rank - 1) + Tail[rank - 1];
        }
    }

    /// <summary>A link as it is used by one kind of transfer.</summary>
    /// <param name="Occupied">For how long a transfer occupies it.</param>
    /// <param name="Latency">From the end of the transfer to its use.</param>
    /// <param name="IsInTurn">Whether a transfer waits for the one before it.</param>
    public readonly record struct Hop(double Occupied, double Latency, bool IsInTurn)
    {
        public double Time => Occupied + Latency;

        public static Hop Of(LinkCosts link, double bytes) => new(link.OccupiedBy(bytes), link.Latency, double.IsFinite(link.Bandwidth));
    }
}
