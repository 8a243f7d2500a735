namespace Actors.Schedules.Tests.Generators;

public class DualPipeVTests
{
    // The first half of DualPipe's ranks, with the far lane's micro-batches counted from the middle on.
    [Fact]
    public void A_rank_plays_what_the_same_rank_plays_in_DualPipe_of_twice_the_ranks()
    {
        foreach (var (ranks, microBatches) in new[] { (1, 2), (2, 4), (2, 5), (4, 9), (8, 20) })
        {
            var folded = ScheduleCatalog.DualPipeV.Create(new PipelineSize(ranks, microBatches));
            var flat = ScheduleCatalog.DualPipe.Create(new PipelineSize(2 * ranks, 2 * microBatches));
            for (var rank = 0; rank < ranks; rank++)
            {
                Assert.Equal(flat.ActionsOf(rank).Select(action => Fold(action, microBatches)), folded.ActionsOf(rank));
            }
        }
    }

    [Theory]
    [InlineData(4, 7, "dualpipev needs as many micro-batches as stages, 8 at 4 ranks, not 7: use 8")]
    [InlineData(0, 7, "dualpipev needs at least 1 rank, not 0: use 1")]
    public void A_size_without_a_schedule_is_refused_with_the_nearest_valid_value(int ranks, int microBatches, string refusal)
        => Assert.Equal(refusal, ScheduleCatalog.DualPipeV.Refuse(new PipelineSize(ranks, microBatches))?.Rule);

    private static StageAction Fold(StageAction action, int perDirection)
    {
        var microBatch = action.MicroBatch % perDirection;
        return action.Kind switch
        {
            ActionKind.Pair => StageAction.Pair(
                action.Stage, microBatch, action.BackwardPart.Stage, action.BackwardPart.MicroBatch % perDirection),
            ActionKind.Forward => StageAction.Forward(action.Stage, microBatch),
            ActionKind.BackwardInput => StageAction.BackwardInput(action.Stage, microBatch),
            ActionKind.BackwardWeights => StageAction.BackwardWeights(action.Stage, microBatch),
            _ => StageAction.Backward(action.Stage, microBatch),
        };
    }
}
