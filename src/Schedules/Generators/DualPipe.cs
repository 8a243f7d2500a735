using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// DualPipe (DeepSeek-V3 technical report, section 3.2.1, and the step order of deepseek-ai/DualPipe): micro-batches enter from both ends
/// of the pipeline, and the forward of a chunk overlaps with the full backward of a chunk of the other direction. Rank r holds stage r for
/// micro-batches 0..M/2−1, which enter at rank 0, and stage N−1−r for M/2..M−1, which enter at rank N−1. On every rank the near lane is
/// the direction whose entrance is closer, the far lane the other; k is the distance to the nearer end. Peak: N+1 chunks of activations.
/// </summary>
public sealed class DualPipe : ISchedule
{
    /// <inheritdoc/>
    public string Name => "dualpipe";

    /// <inheritdoc/>
    public string Summary => "two directions, forward and backward of opposite ones overlapped, every stage on two ranks";

    /// <inheritdoc/>
    public string Constraint => "ranks even and >= 2, micro-batches even and >= 2 x ranks";

    /// <inheritdoc/>
    public int Directions => 2;

    /// <inheritdoc/>
    public bool OverlapsPairs => true;

    /// <inheritdoc/>
    public SizeRefusal? Refuse(PipelineSize size)
    {
        var (ranks, microBatches, _) = size;
        if (SizeRules.RefuseOddRanks(this, ranks) is { } refusal)
        {
            return refusal;
        }

        if (microBatches < 2L * ranks)
        {
            return new(SizePart.MicroBatches, $"{Name} needs at least 2 micro-batches a rank, {2L * ranks} at {ranks} ranks, not {microBatches}: use {2L * ranks}");
        }

        return microBatches % 2 != 0
            ? new(SizePart.MicroBatches, $"{Name} needs an even number of micro-batches, not {microBatches}: use {microBatches - 1} or {microBatches + 1L}")
            : SizeRules.RefuseStagesPerRank(this, size);
    }

    /// <inheritdoc/>
    public Timetable Create(PipelineSize size)
    {
        SizeRules.ThrowIf(Refuse(size));
        return RankPrograms.ToTimetable(this, size, Placement.Mirrored(size.Ranks, size.MicroBatches), CreateRank);
    }

    private static ImmutableArray<StageAction> CreateRank(int rank, PipelineSize size)
    {
        var half = size.Ranks / 2;
        var perDirection = size.MicroBatches / 2;
        var k = Math.Min(rank, size.Ranks - 1 - rank);
        var inSecondHalf = rank >= half;
        var near = new Lane(k, inSecondHalf ? perDirection : 0);
        var far = new Lane(size.Ranks - 1 - k, inSecondHalf ? 0 : perDirection);
        return DualPipeSteps.CreateRank(near, far, perDirection, k, toMiddle: half - 1 - k);
    }
}
