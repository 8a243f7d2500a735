using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Training;

/// <summary>Collects what the ranks report of one step and sums it in rank order, so that a step's numbers never depend on who was first.</summary>
internal sealed class StepResults(int ranks)
{
    private readonly StagePlayed?[] _played = new StagePlayed?[ranks];
    private readonly ImmutableArray<BlockSquares>[] _squares = new ImmutableArray<BlockSquares>[ranks];
    private int _playedCount;
    private int _reducedCount;
    private int _appliedCount;

    public void Reset()
    {
        Array.Clear(_played);
        Array.Clear(_squares);
        (_playedCount, _reducedCount, _appliedCount) = (0, 0, 0);
    }

    /// <summary>Takes a rank's report; true when it was the last.</summary>
    public bool Add(StagePlayed played)
    {
        _played[played.Rank] = played;
        return ++_playedCount == ranks;
    }

    /// <summary>Takes a rank's sums of squares; true when they were the last.</summary>
    public bool Add(GradientsReduced reduced)
    {
        _squares[reduced.Rank] = reduced.Squares;
        return ++_reducedCount == ranks;
    }

    /// <summary>Counts a rank's update; true when it was the last.</summary>
    public bool AddApplied() => ++_appliedCount == ranks;

    /// <summary>Adds the losses at one depth: within a micro-batch over ranks in order, then micro-batches in order, as the serial model sums.</summary>
    /// <param name="depth">0: of the model; k: of prediction module k.</param>
    /// <param name="total">The sum of the passes before.</param>
    public double AddLosses(int depth, double total)
    {
        var sums = new SortedDictionary<int, double>();
        foreach (StagePlayed? played in _played)
        {
            foreach (MicroBatchLoss loss in played!.Losses)
            {
                if (loss.Depth == depth)
                {
                    AddTo(sums, loss);
                }
            }
        }

        foreach (double sum in sums.Values)
        {
            total += sum;
        }

        return total;
    }

    /// <summary>Sum of balance losses, see <see cref="Model.Training.BalanceLoss.Sum"/>.</summary>
    public long BalanceSum() => _played.Sum(played => played!.BalanceSum);

    /// <summary>Root of the sum of all blocks' squares, blocks in model order.</summary>
    public double GradientNorm()
    {
        var sums = new SortedDictionary<int, double>();
        foreach (ImmutableArray<BlockSquares> squares in _squares)
        {
            foreach (BlockSquares block in squares)
            {
                sums.Add(block.Block, block.Sum);
            }
        }

        double total = 0;
        foreach (double sum in sums.Values)
        {
            total += sum;
        }

        return Math.Sqrt(total);
    }

    /// <summary>Load of every layer with experts, summed over ranks.</summary>
    public ImmutableArray<LayerLoad> Load()
    {
        var sums = new SortedDictionary<int, long[]>();
        foreach (StagePlayed? played in _played)
        {
            foreach (LayerLoad load in played!.Load)
            {
                if (!sums.TryGetValue(load.Layer, out long[]? counts))
                {
                    sums[load.Layer] = counts = new long[load.Counts.Length];
                }

                for (int expert = 0; expert < counts.Length; expert++)
                {
                    counts[expert] += load.Counts[expert];
                }
            }
        }

        return [.. sums.Select(entry => new LayerLoad(entry.Key, ImmutableCollectionsMarshal.AsImmutableArray(entry.Value)))];
    }

    /// <summary>Sum over ranks of where their time went.</summary>
    public RankTimes Times()
    {
        RankTimes sum = default;
        foreach (StagePlayed? played in _played)
        {
            sum += played!.Times;
        }

        return sum;
    }

    /// <summary>Most nodes that a token reached.</summary>
    public int MaxNodesOfToken()
    {
        int most = 0;
        foreach (StagePlayed? played in _played)
        {
            most = Math.Max(most, played!.MaxNodesOfToken);
        }

        return most;
    }

    /// <summary>Sum over tokens and layers of the nodes that they reached.</summary>
    public long NodesOfTokens() => _played.Sum(played => played!.NodesOfTokens);

    /// <summary>Whether all rows had room at every rank.</summary>
    public bool HadRoom() => Array.TrueForAll(_played, static played => played!.HadRoom);

    /// <summary>The first part of the model that a rank found to be not finite, or null.</summary>
    public int? FirstNonFinitePart()
    {
        int? first = null;
        foreach (StagePlayed? played in _played)
        {
            if (played!.FirstNonFinitePart is { } part && !(part > first))
            {
                first = part;
            }
        }

        return first;
    }

    /// <summary>The first block of the model whose gradient is not finite, where the norm is not.</summary>
    public int FirstNonFiniteBlock()
    {
        int first = int.MaxValue, last = 0;
        foreach (ImmutableArray<BlockSquares> squares in _squares)
        {
            foreach (BlockSquares block in squares)
            {
                first = double.IsFinite(block.Sum) ? first : Math.Min(first, block.Block);
                last = Math.Max(last, block.Block);
            }
        }

        return first == int.MaxValue ? last : first;
    }

    private static void AddTo(SortedDictionary<int, double> sums, MicroBatchLoss loss) =>
        sums[loss.MicroBatch] = sums.TryGetValue(loss.MicroBatch, out double sum) ? sum + loss.Sum : 0 + loss.Sum;
}
