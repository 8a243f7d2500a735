using System.Collections.Immutable;
using Actors.Schedules.Generators;

namespace Actors.Schedules.Search;

/// <summary>
/// 1F1B and ZB1P with fewer chunks in flight, for memory that is too small for theirs. A rank runs ahead by no more forwards than fit, nor
/// than the rank before it, which could not feed it otherwise; with ZB1P's order it owes no more W than fit beside those.
/// </summary>
internal static class FewerInFlight
{
    /// <summary>1F1B with as many in flight as fit.</summary>
    public static Timetable OneForwardOneBackward(StraightPipeline pipeline, string name) => Create(pipeline, name, isSplit: false);

    /// <summary>ZB1P with as many in flight, and as many W owed, as fit.</summary>
    public static Timetable ZeroBubbleH1(StraightPipeline pipeline, string name) => Create(pipeline, name, isSplit: true);

    private static Timetable Create(StraightPipeline pipeline, string name, bool isSplit)
    {
        var lists = ImmutableArray.CreateBuilder<ImmutableArray<StageAction>>(pipeline.Ranks);
        var ahead = pipeline.MicroBatches;
        for (var rank = 0; rank < pipeline.Ranks; rank++)
        {
            ahead = Math.Min(ahead, Math.Min(pipeline.Ranks - 1 - rank, pipeline.MostInFlight(rank) - 1));
            var program = new RankProgram((isSplit ? 3 : 2) * pipeline.MicroBatches);
            lists.Add(isSplit
                ? Split(program, new Lane(rank, 0), pipeline.MicroBatches, ahead, MostOwed(pipeline, rank, ahead))
                : Full(program, new Lane(rank, 0), pipeline.MicroBatches, ahead));
        }

        return new Timetable(name, Placement.Straight(pipeline.Ranks, pipeline.MicroBatches), lists.MoveToImmutable());
    }

    private static int MostOwed(StraightPipeline pipeline, int rank, int ahead)
        => pipeline.KeptForWeights == 0
            ? rank
            : (int)Math.Min(rank, Math.Floor((pipeline.CapacityOf(rank) - 1 - ahead) / pipeline.KeptForWeights));

    private static ImmutableArray<StageAction> Full(RankProgram program, Lane lane, int microBatches, int ahead)
    {
        for (var i = 0; i < microBatches + ahead; i++)
        {
            if (i < microBatches)
            {
                program.Forward(lane);
            }

            if (i >= ahead)
            {
                program.Backward(lane);
            }
        }

        return program.ToActions();
    }

    private static ImmutableArray<StageAction> Split(RankProgram program, Lane lane, int microBatches, int ahead, int mostOwed)
    {
        for (var i = 0; i < microBatches + ahead; i++)
        {
            if (i < microBatches)
            {
                program.Forward(lane);
            }

            if (i >= ahead)
            {
                program.BackwardInput(lane);
                program.WeightsDownTo(mostOwed);
            }
        }

        program.WeightsDownTo(0);
        return program.ToActions();
    }
}
