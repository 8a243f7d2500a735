using Actors.Runtime.Training.Memory;
using Actors.Schedules;

namespace Actors.Runtime.Tests.Training.Memory;

public sealed class ChunksHeldTests
{
    /// <summary>8 micro-batches on 4 ranks go in two rounds of 4, 7 in one of 7: the timetable of fewer micro-batches holds more chunks.</summary>
    [Fact]
    public void Fewer_micro_batches_may_hold_more_chunks_and_the_most_of_all_is_counted()
    {
        Timetable[] both = [.. new[] { 7, 8 }.Select(microBatches => ScheduleCatalog.InterleavedOneForwardOneBackward.Create(new PipelineSize(4, microBatches)))];
        (ChunksHeld few, ChunksHeld many, ChunksHeld most) = (Held(both[0]), Held(both[1]), Held(both));

        Assert.True(few.Of(4) > many.Of(4), $"{few.Of(4)} and {many.Of(4)}");
        Assert.Equal(few.Of(4), most.Of(4));
        Assert.Equal(8, most.PlayedOf(4));
    }

    private static ChunksHeld Held(params Timetable[] timetables) => new(timetables, rank: 0, static _ => new StageSize(1, 1), putsOff: false);
}
