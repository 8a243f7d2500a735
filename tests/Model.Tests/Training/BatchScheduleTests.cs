using Actors.Model.Training;

namespace Actors.Model.Tests.Training;

public sealed class BatchScheduleTests
{
    [Fact]
    public void Without_a_ramp_every_step_is_full()
    {
        var batches = new BatchSchedule(sequences: 12, length: 5, passes: 3);

        Assert.Equal((12, 4, 4), (batches.Sequences, batches.PassSequences, batches.Unit));
        Assert.Equal((12, 3, 24L), (batches.SequencesOf(3), batches.PassesOf(3), batches.SequencesBefore(3)));
        Assert.Equal(new StepPosition(3, 120), batches.PositionOf(3));
        Assert.Equal([0, 4, 8, 12], Enumerable.Range(0, 4).Select(pass => batches.FirstOf(3, pass)));
    }

    /// <summary>3072 to 15360 sequences over 469B tokens, in stages of 1536.</summary>
    [Fact]
    public void The_published_ramp_ends_with_the_first_step_behind_its_tokens()
    {
        var batches = new BatchSchedule(15360, 4096, passes: 1, new BatchRamp(3072, 1536, 469_000_000_000));
        (long FirstStep, int Sequences)[] stages = [.. batches.Stages];

        Assert.Equal([3072, 4608, 6144, 7680, 9216, 10752, 12288, 13824, 15360], stages.Select(stage => stage.Sequences));
        Assert.Equal((1, 17045), (stages[0].FirstStep, stages[^1].FirstStep));
        Assert.InRange(batches.PositionOf(17045).TokensBefore, 469_000_000_000, 469_000_000_000 + (13824 * 4096));
        Assert.True(batches.PositionOf(17044).TokensBefore < 469_000_000_000);
        Assert.Equal(1536, batches.Unit);
    }

    /// <summary>Sequences are numbered without a gap, a batch never shrinks, and passes share a step's sequences out without one being too large.</summary>
    [Theory]
    [InlineData(12, 3, 2, 2, 400)]
    [InlineData(12, 1, 5, 3, 1)]
    [InlineData(12, 12, 1, 1, 1000)]
    [InlineData(8, 2, 8, 1, 77)]
    [InlineData(10, 2, 2, 7, 300)]
    public void Steps_and_passes_follow_each_other(int sequences, int passes, int start, int increment, long tokens)
    {
        const int Length = 7;
        var batches = new BatchSchedule(sequences, Length, passes, new BatchRamp(start, increment, tokens));
        long before = 0;
        var sizes = new SortedSet<int>();
        for (int step = 1; step < 100; step++)
        {
            int count = batches.SequencesOf(step), played = batches.PassesOf(step);
            Assert.Equal(before, batches.SequencesBefore(step));
            Assert.InRange(count, step == 1 ? start : batches.SequencesOf(step - 1), sequences);
            Assert.Equal(count == sequences, before * Length >= tokens || start == sequences);
            Assert.Equal((0, count), (batches.FirstOf(step, 0), batches.FirstOf(step, played)));
            for (int pass = 0; pass < played; pass++)
            {
                int part = batches.FirstOf(step, pass + 1) - batches.FirstOf(step, pass);
                Assert.InRange(part, 1, batches.PassSequences);
                Assert.Equal(0, part % batches.Unit);
                Assert.Contains(part, batches.PassSizesOf(step));
                sizes.Add(part);
            }

            before += count;
        }

        Assert.Equal(sizes, batches.PassSizes());
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new BatchSchedule(10, 4, passes: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSchedule(10, 4, passes: 1, new BatchRamp(11, 1, 5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSchedule(10, 4).SequencesOf(0));
    }
}
