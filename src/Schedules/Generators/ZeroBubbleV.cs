using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// ZBV, the handcrafted schedule ZB-V of "Zero Bubble Pipeline Parallelism" (Qi et al. 2023, section 6): rank r holds stages r and
/// 2N−1−r, so that a micro-batch goes down the ranks and back up, and its backward starts on rank 0, where it entered. Made for F = I = W.
/// The order of actions is that of PyTorch's <c>ScheduleZBVZeroBubble</c>: fewer than the 2N−1 micro-batches that fill the pipeline play
/// the order of 2N−1 with the later ones left out.
/// </summary>
public sealed class ZeroBubbleV : ISchedule
{
    /// <inheritdoc/>
    public string Name => "zbv";

    /// <inheritdoc/>
    public string Summary => "down the ranks and back up, no bubble between where F = I = W, rank r holds stages r and 2 x ranks - 1 - r";

    /// <inheritdoc/>
    public string Constraint => "ranks >= 1, micro-batches >= 1";

    /// <inheritdoc/>
    public int StagesPerRank => 2;

    /// <inheritdoc/>
    public SizeRefusal? Refuse(PipelineSize size) => SizeRules.RefuseCommon(this, size);

    /// <inheritdoc/>
    public Timetable Create(PipelineSize size)
    {
        SizeRules.ThrowIf(Refuse(size));
        return RankPrograms.ToTimetable(this, size, Placement.Vee(size.Ranks, size.MicroBatches), CreateRank);
    }

    private static ImmutableArray<StageAction> CreateRank(int rank, PipelineSize size)
    {
        var toEnd = size.Ranks - rank;
        var steady = Math.Max(size.Ranks - 1, size.MicroBatches - size.Ranks);
        var program = new ClippedProgram(size.MicroBatches, capacity: 6 * size.MicroBatches);
        var down = new SplitRuns(rank);
        var up = new SplitRuns((2 * size.Ranks) - 1 - rank);
        ForwardDown(program, down, (2 * toEnd) - 1);
        ForwardUpThenDown(program, up, down, rank);
        ForwardUpAndBack(program, up, toEnd);
        DownThenUp(program, down, up, steady);
        BackwardInputDownThenUp(program, down, up, rank);
        BackwardInputDownThenWeights(program, down, toEnd);
        OwedWeights(program, down, up, rank);
        return program.ToActions();
    }

    private static void ForwardDown(ClippedProgram program, SplitRuns down, int count) => program.Rounds(count, down.Forward);

    private static void ForwardUpThenDown(ClippedProgram program, SplitRuns up, SplitRuns down, int count)
        => program.Rounds(count, up.Forward, down.Forward);

    private static void ForwardUpAndBack(ClippedProgram program, SplitRuns up, int count)
        => program.Rounds(count, up.Forward, up.BackwardInput, up.BackwardWeights);

    private static void DownThenUp(ClippedProgram program, SplitRuns down, SplitRuns up, int count)
        => program.Rounds(
            count, down.Forward, down.BackwardInput, down.BackwardWeights, up.Forward, up.BackwardInput, up.BackwardWeights);

    private static void BackwardInputDownThenUp(ClippedProgram program, SplitRuns down, SplitRuns up, int count)
        => program.Rounds(count, down.BackwardInput, up.BackwardInput);

    private static void BackwardInputDownThenWeights(ClippedProgram program, SplitRuns down, int count)
        => program.Rounds(count, down.BackwardInput, down.BackwardWeights);

    private static void OwedWeights(ClippedProgram program, SplitRuns down, SplitRuns up, int count)
    {
        program.Rounds(count, up.BackwardWeights);
        program.Rounds(count, down.BackwardWeights);
    }

    private sealed class SplitRuns(int stage)
    {
        public ChunkRun Forward { get; } = new(ActionKind.Forward, stage);

        public ChunkRun BackwardInput { get; } = new(ActionKind.BackwardInput, stage);

        public ChunkRun BackwardWeights { get; } = new(ActionKind.BackwardWeights, stage);
    }
}
