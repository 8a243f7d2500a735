using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests;

internal static class ActionGenerators
{
    private static readonly Gen<int> Number = Gen.OneOf(Gen.Choose(0, 9), Gen.Choose(0, 1000), Gen.Choose(0, int.MaxValue));

    public static Gen<StageAction> Action { get; } =
        from kind in Gen.Elements(Enum.GetValues<ActionKind>())
        from stage in Number
        from microBatch in Number
        from otherStage in Number
        from otherMicroBatch in Number
        select Create(kind, stage, microBatch, otherStage, otherMicroBatch);

    /// <summary>Timetables of every schedule in small valid sizes.</summary>
    public static Gen<Timetable> Timetable { get; } =
        from schedule in Gen.Elements(ScheduleCatalog.All.ToArray())
        from size in Gen.Elements(Sizes(schedule))
        select schedule.Create(size);

    private static PipelineSize[] Sizes(ISchedule schedule)
        => [.. from ranks in Enumerable.Range(1, 12)
               from microBatches in Enumerable.Range(1, 28)
               from stages in schedule.TakesStagesPerRank ? new[] { 1, 2, 3 } : [schedule.StagesPerRank]
               let size = new PipelineSize(ranks, microBatches, stages)
               where schedule.Refuse(size) is null
               select size];

    private static StageAction Create(ActionKind kind, int stage, int microBatch, int otherStage, int otherMicroBatch) => kind switch
    {
        ActionKind.Forward => StageAction.Forward(stage, microBatch),
        ActionKind.BackwardInput => StageAction.BackwardInput(stage, microBatch),
        ActionKind.BackwardWeights => StageAction.BackwardWeights(stage, microBatch),
        ActionKind.Backward => StageAction.Backward(stage, microBatch),
        ActionKind.Pair => StageAction.Pair(stage, microBatch, otherStage, otherMicroBatch),
        _ => StageAction.Single(kind, stage, microBatch),
    };
}
