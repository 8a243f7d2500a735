using Actors.Schedules.Search;

namespace Actors.Schedules.Tests.Search;

/// <summary>
/// The least step time of a tiny straight pipeline with split backwards, by trying all orders: micro-batches in order on every rank, sending
/// free. The ranks' next actions are listed; on the rank whose action could end first, every action that could begin before that end is
/// tried (Giffler and Thompson 1960: an optimal schedule is among those).
/// </summary>
internal sealed class ExhaustiveSearch(SearchRequest request)
{
    private readonly int _ranks = request.Ranks;
    private readonly int _microBatches = request.MicroBatches;
    private readonly double[] _freeAt = new double[request.Ranks];
    private readonly int[,] _done = new int[request.Ranks, 3];
    private readonly double[,,] _ends = new double[request.Ranks, 3, request.MicroBatches];
    private double _best = double.PositiveInfinity;

    private enum Part
    {
        Forward,
        Input,
        Weights,
    }

    public double LeastStepTime()
    {
        Try();
        return _best;
    }

    private void Try()
    {
        if (Remaining() is var remaining && remaining >= _best)
        {
            return;
        }

        var (firstEnd, rank) = (double.PositiveInfinity, -1);
        ForEachStart((candidate, part, start) =>
        {
            if (start + CostOf(candidate, part) < firstEnd)
            {
                (firstEnd, rank) = (start + CostOf(candidate, part), candidate);
            }
        });
        if (rank < 0)
        {
            _best = Math.Min(_best, _freeAt.Max());
            return;
        }

        foreach (var part in Enum.GetValues<Part>())
        {
            if (StartOf(rank, part) is { } start && start < firstEnd)
            {
                Play(rank, part, start);
            }
        }
    }

    private void Play(int rank, Part part, double start)
    {
        var before = _freeAt[rank];
        var microBatch = _done[rank, (int)part]++;
        _freeAt[rank] = start + CostOf(rank, part);
        _ends[rank, (int)part, microBatch] = _freeAt[rank];
        Try();
        _done[rank, (int)part]--;
        _freeAt[rank] = before;
    }

    private double Remaining() => Enumerable.Range(0, _ranks).Max(
        rank => _freeAt[rank] + Enum.GetValues<Part>().Sum(part => (_microBatches - _done[rank, (int)part]) * CostOf(rank, part)));

    private void ForEachStart(Action<int, Part, double> visit)
    {
        for (var rank = 0; rank < _ranks; rank++)
        {
            foreach (var part in Enum.GetValues<Part>())
            {
                if (StartOf(rank, part) is { } start)
                {
                    visit(rank, part, start);
                }
            }
        }
    }

    // When the rank could begin its next action of a kind; null where that lacks an input, memory, or is not there.
    private double? StartOf(int rank, Part part)
    {
        var next = _done[rank, (int)part];
        if (next == _microBatches)
        {
            return null;
        }

        return part switch
        {
            Part.Forward => !HasMemory(rank) ? null : rank == 0 ? _freeAt[0] : After(rank, rank - 1, Part.Forward, next),
            Part.Input => next >= _done[rank, 0] ? null : rank == _ranks - 1 ? After(rank, rank, Part.Forward, next) : After(rank, rank + 1, Part.Input, next),
            _ => After(rank, rank, Part.Input, next),
        };
    }

    private double? After(int rank, int producer, Part part, int microBatch)
        => microBatch < _done[producer, (int)part] ? Math.Max(_freeAt[rank], _ends[producer, (int)part, microBatch]) : null;

    private bool HasMemory(int rank)
    {
        var (forwards, inputs, weights) = (_done[rank, 0], _done[rank, 1], _done[rank, 2]);
        var held = forwards - inputs + (request.Memory.KeptForWeights * (inputs - weights));
        return held + 1 <= request.MemoryLimit;
    }

    private double CostOf(int rank, Part part) => part switch
    {
        Part.Forward => request.Costs.OfStage(rank).Forward,
        Part.Input => request.Costs.OfStage(rank).BackwardInput,
        _ => request.Costs.OfStage(rank).BackwardWeights,
    };
}
