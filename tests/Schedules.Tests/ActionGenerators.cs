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
        from ranks in Gen.Choose(1, 12)
        from extra in Gen.Choose(0, 12)
        select schedule == ScheduleCatalog.DualPipe
            ? schedule.Create(new PipelineSize(ranks / 2 * 2 + 2, 2 * (ranks / 2 * 2 + 2) + extra / 2 * 2))
            : schedule.Create(new PipelineSize(ranks, extra + 1));

    private static StageAction Create(ActionKind kind, int stage, int microBatch, int otherStage, int otherMicroBatch) => kind switch
    {
        ActionKind.Forward => StageAction.Forward(stage, microBatch),
        ActionKind.BackwardInput => StageAction.BackwardInput(stage, microBatch),
        ActionKind.BackwardWeights => StageAction.BackwardWeights(stage, microBatch),
        ActionKind.Backward => StageAction.Backward(stage, microBatch),
        _ => StageAction.Pair(stage, microBatch, otherStage, otherMicroBatch),
    };
}
