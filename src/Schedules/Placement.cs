using System.Collections.Immutable;

namespace Actors.Schedules;

/// <summary>
/// Which rank holds which stage for which micro-batch. A direction is a way of micro-batches through the ranks, a map from stage to rank;
/// each micro-batch has one direction, so a stage and a micro-batch name one rank. With 1F1B there is one direction and rank s holds
/// stage s; with DualPipe there are two, and each stage lives on two ranks.
/// </summary>
public sealed class Placement : IEquatable<Placement>
{
    private readonly ImmutableArray<ImmutableArray<int>> _rankOfStage;
    private readonly ImmutableArray<int> _directionOfMicroBatch;

    /// <summary>Creates a placement from its maps.</summary>
    /// <param name="ranks">Number of ranks, at least 1.</param>
    /// <param name="rankOfStage">Per direction, the rank of each stage: [directions][stages].</param>
    /// <param name="directionOfMicroBatch">The direction of each micro-batch: [micro-batches].</param>
    /// <exception cref="ArgumentException">A map is empty, of unequal length, or names a rank or direction that is not there.</exception>
    public Placement(int ranks, ImmutableArray<ImmutableArray<int>> rankOfStage, ImmutableArray<int> directionOfMicroBatch)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        if (rankOfStage.IsDefaultOrEmpty || rankOfStage[0].IsDefaultOrEmpty || directionOfMicroBatch.IsDefaultOrEmpty)
        {
            throw new ArgumentException("a placement needs at least one direction, one stage and one micro-batch");
        }

        Ranks = ranks;
        Stages = rankOfStage[0].Length;
        _rankOfStage = rankOfStage;
        _directionOfMicroBatch = directionOfMicroBatch;
        Validate();
    }

    /// <summary>Number of ranks.</summary>
    public int Ranks { get; }

    /// <summary>Number of stages that a micro-batch passes.</summary>
    public int Stages { get; }

    /// <summary>Number of micro-batches of a step, over all directions.</summary>
    public int MicroBatches => _directionOfMicroBatch.Length;

    /// <summary>Number of directions.</summary>
    public int Directions => _rankOfStage.Length;

    /// <summary>One direction, rank s holds stage s: 1F1B and its kin.</summary>
    public static Placement Straight(int ranks, int microBatches)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatches);
        return new Placement(ranks, [Ascending(ranks)], [.. new int[microBatches]]);
    }

    /// <summary>One direction that goes round the ranks, several stages a rank: stage s lives on rank s mod N (interleaved 1F1B).</summary>
    public static Placement Looped(int ranks, int stagesPerRank, int microBatches)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stagesPerRank);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatches);
        var rankOfStage = new int[checked(ranks * stagesPerRank)];
        for (var stage = 0; stage < rankOfStage.Length; stage++)
        {
            rankOfStage[stage] = stage % ranks;
        }

        return new Placement(ranks, [[.. rankOfStage]], [.. new int[microBatches]]);
    }

    /// <summary>
    /// One direction that goes down the ranks and back up, two stages a rank: rank r holds stages r and 2N−1−r, so that the first and the
    /// last stage share rank 0 (ZBV, DualPipeV).
    /// </summary>
    public static Placement Vee(int ranks, int microBatches)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatches);
        var down = Ascending(ranks);
        return new Placement(ranks, [[.. down, .. down.Reverse()]], [.. new int[microBatches]]);
    }

    /// <summary>
    /// Two directions, mirrored: rank r holds stage r for the first half of the micro-batches, which enter at rank 0, and stage N−1−r for
    /// the second half, which enter at rank N−1 (DualPipe).
    /// </summary>
    /// <exception cref="ArgumentException">The number of micro-batches is odd.</exception>
    public static Placement Mirrored(int ranks, int microBatches)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatches);
        return microBatches % 2 == 0
            ? Mirrored(ranks, microBatches, unit: microBatches)
            : throw new ArgumentException($"two mirrored directions need an even number of micro-batches, not {microBatches}");
    }

    /// <summary>
    /// Two directions, mirrored, unit by unit: of each run of <paramref name="unit"/> micro-batches the first half goes down from rank 0
    /// to rank N−1, where rank r holds stage r, and the rest up, where it holds stage N−1−r (Chimera). Of an odd unit one more goes down.
    /// </summary>
    public static Placement Mirrored(int ranks, int microBatches, int unit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(microBatches);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(unit);
        var directions = new int[microBatches];
        for (var microBatch = 0; microBatch < microBatches; microBatch++)
        {
            directions[microBatch] = microBatch % unit < unit - (unit / 2) ? 0 : 1;
        }

        var down = Ascending(ranks);
        return new Placement(ranks, [down, [.. down.Reverse()]], [.. directions]);
    }

    /// <summary>The direction of a micro-batch.</summary>
    public int DirectionOf(int microBatch) => _directionOfMicroBatch[microBatch];

    /// <summary>The direction of each micro-batch: [micro-batches].</summary>
    public ImmutableArray<int> DirectionOfMicroBatch => _directionOfMicroBatch;

    /// <summary>The rank that plays a stage for a micro-batch.</summary>
    public int RankOf(int stage, int microBatch) => _rankOfStage[_directionOfMicroBatch[microBatch]][stage];

    /// <summary>The rank of each stage in one direction: [stages].</summary>
    public ImmutableArray<int> RanksOfDirection(int direction) => _rankOfStage[direction];

    /// <summary>The stages that a rank holds, in any direction, ascending; a stage held for two directions stands once.</summary>
    public ImmutableArray<int> StagesOf(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, Ranks);
        var stages = ImmutableArray.CreateBuilder<int>();
        for (var stage = 0; stage < Stages; stage++)
        {
            if (Holds(rank, stage))
            {
                stages.Add(stage);
            }
        }

        return stages.ToImmutable();
    }

    /// <summary>The ranks that hold a stage, ascending. Where there are several, their gradients of the stage belong together.</summary>
    public ImmutableArray<int> HoldersOf(int stage)
    {
        var holders = new SortedSet<int>();
        foreach (var direction in _rankOfStage)
        {
            holders.Add(direction[stage]);
        }

        return [.. holders];
    }

    /// <summary>Whether a rank holds a stage in any direction.</summary>
    public bool Holds(int rank, int stage)
    {
        foreach (var direction in _rankOfStage)
        {
            if (direction[stage] == rank)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(Placement? other)
    {
        if (other is null || Ranks != other.Ranks || Stages != other.Stages || Directions != other.Directions
            || !_directionOfMicroBatch.AsSpan().SequenceEqual(other._directionOfMicroBatch.AsSpan()))
        {
            return false;
        }

        for (var direction = 0; direction < Directions; direction++)
        {
            if (!_rankOfStage[direction].AsSpan().SequenceEqual(other._rankOfStage[direction].AsSpan()))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Placement);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Ranks, Stages, MicroBatches, Directions);

    private static ImmutableArray<int> Ascending(int count)
    {
        var numbers = new int[count];
        for (var i = 0; i < count; i++)
        {
            numbers[i] = i;
        }

        return [.. numbers];
    }

    private void Validate()
    {
        for (var direction = 0; direction < Directions; direction++)
        {
            var map = _rankOfStage[direction];
            if (map.IsDefault || map.Length != Stages)
            {
                var length = map.IsDefault ? 0 : map.Length;
                throw new ArgumentException($"direction {direction} maps {length} stages, direction 0 maps {Stages}: they must agree");
            }

            for (var stage = 0; stage < Stages; stage++)
            {
                if ((uint)map[stage] >= (uint)Ranks)
                {
                    throw new ArgumentException(
                        $"direction {direction} puts stage {stage} on rank {map[stage]}: ranks go from 0 to {Ranks - 1}");
                }
            }
        }

        for (var microBatch = 0; microBatch < MicroBatches; microBatch++)
        {
            if ((uint)_directionOfMicroBatch[microBatch] >= (uint)Directions)
            {
                throw new ArgumentException(
                    $"micro-batch {microBatch} has direction {_directionOfMicroBatch[microBatch]}: "
                    + $"directions go from 0 to {Directions - 1}");
            }
        }
    }
}
