using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Runtime.Training.Results;
using Actors.Tensors;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Training.Results;

/// <summary>What ranks keep between steps is read from them by message, in pieces.</summary>
public sealed class ReadResults
{
    /// <summary>A block of more elements than a piece has, whose last piece is shorter.</summary>
    [Fact]
    public async Task Pieces_of_a_gradient_are_those_that_the_owner_has()
    {
        RunPlan plan = TestPlans.OneRank(TestModels.Small(layers: 2) with { VocabularySize = 1021 }, sequences: 2, length: 8);
        using var run = new TrainingFixture(plan);
        await run.RunAsync(TestModels.Tokens(plan.Sequences, plan.SequenceLength - 1, plan.Model.VocabularySize, seed: 1));

        BlockHome block = run.Run.TrainedBlocks.First();
        float[] read = await run.Run.ReadGradientAsync(block, TestContext.Timeout());

        Assert.True(block.Count > ReadElements.MostElements && block.Count % ReadElements.MostElements != 0, $"{block.Count} elements are no test");
        OwnedBlock owned = ((TrainingResources)run.Memory.Rank(block.Rank)).Optimizer.Blocks.First(owned => owned.Number == block.Number);
        Assert.Equal(new HostTensor(owned.Reduced).AsSpan<float>().ToArray(), read);
        Assert.Contains(read, value => value != 0);
    }

    [Fact]
    public async Task A_trace_longer_than_a_piece_comes_whole_and_in_order()
    {
        using var run = new TrainingFixture(TrainingFixture.SmallPlan with { TraceCapacity = 2_500 });
        await run.Train(20).FishForMessageAsync<TrainingEnded>(_ => true);

        RunTrace trace = await run.Run.ReadTraceAsync(TestContext.Timeout());

        for (int rank = 0; rank < run.Memory.Plan.Ranks; rank++)
        {
            TraceRecorder recorder = run.Memory.Rank(rank).Trace!;
            Assert.Equal(2_500, recorder.Count);
            Assert.Equal(recorder.Events.ToArray(), trace.Ranks[rank].Events);
            Assert.Equal(recorder.Dropped, trace.Ranks[rank].Dropped);
        }
    }

    [Fact]
    public async Task What_was_not_kept_and_a_rank_that_is_silent_are_named()
    {
        using var run = new TrainingFixture();
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => run.Run.ReadLogitsAsync(0, depth: 0, TestContext.Timeout()));
        Assert.Matches(@"^ReadLogits \{ Rank = \d, First = 0, Count = \d+, Depth = 0, MicroBatch = 0 \}: the rank has kept none$", refused.Message);

        TestProbe silent = run.CreateTestProbe();
        var client = new ResultClient(silent, TimeSpan.FromMilliseconds(1));
        InvalidOperationException late = await Assert.ThrowsAsync<InvalidOperationException>(() => client.AskAsync<RankTraffic>(new ReadTraffic(3), default));
        Assert.Equal("rank 3 has not answered within 0.001 s (actors.watchdog.stall-timeout): ReadTraffic { Rank = 3 }", late.Message);
    }

    [Fact]
    public async Task Who_reads_from_a_run_that_has_failed_hears_why()
    {
        using var run = new TrainingFixture(plan: TrainingFixture.SmallPlan);
        foreach ((_, Actors.Model.Parameters.ModelWeights weights) in run.Memory.Parts())
        {
            new HostTensor(weights.Embedding!.Values).AsSpan<float>().Fill(float.NaN);
        }

        RunFailed failed = await run.Train(1).ExpectMsgAsync<RunFailed>();

        Assert.Equal(failed.Reason, (await Assert.ThrowsAsync<InvalidOperationException>(() => run.Run.ReadTrafficAsync(TestContext.Timeout()))).Message);
    }
}
