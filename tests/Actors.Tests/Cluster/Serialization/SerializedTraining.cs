using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Akka.Configuration;

namespace Actors.Runtime.Tests.Cluster.Serialization;

/// <summary>A run whose control messages are all written and read, as between processes.</summary>
public sealed class SerializedTraining
{
    private static readonly string Serializes =
        ConfigurationFactory.ParseString("akka.actor.serialize-messages = on").WithFallback(ControlMessageSerializer.Binding()).ToString(true);

    [Fact]
    public async Task What_ranks_keep_is_the_same_when_it_is_written_and_read()
    {
        using TrainingFixture plain = Fixture(""), written = Fixture(Serializes);

        await AssertSameAsync(plain, written, run => run.LogitsAsync());
        await AssertSameAsync(plain, written, run => run.ExpertsAsync());
        await AssertSameAsync(plain, written, async run => (await run.GradientsAsync()).ConvertAll(block => block.Gradient));
        await AssertSameAsync(plain, written, run => run.Run.ReadTrafficAsync(TestContext.Timeout()));
        await AssertSameAsync(plain, written, async run =>
            (await run.Run.ReadTraceAsync(TestContext.Timeout())).Ranks.Select(rank => rank.Events.Count(traced => traced.Kind == TraceKind.Compute)).ToArray());
    }

    [Fact]
    public async Task A_run_whose_messages_are_written_and_read_gives_the_same_losses()
    {
        Assert.Equal(await LossesAsync("", writes: false), await LossesAsync(Serializes, writes: true));
    }

    private static TrainingFixture Fixture(string configuration) =>
        new(TrainingFixture.SmallPlan with { SeparatesNodes = true, TraceCapacity = 5_000 }, configuration: configuration);

    /// <summary>Runs a batch in both and compares what is read of it.</summary>
    private static async Task AssertSameAsync<T>(TrainingFixture one, TrainingFixture other, Func<TrainingFixture, Task<T>> readAsync)
    {
        int[] tokens = TestModels.Tokens(one.Memory.Plan.Sequences, one.Memory.Plan.SequenceLength - 1, one.Memory.Plan.Model.VocabularySize, seed: 1);
        await one.RunAsync(tokens);
        await other.RunAsync(tokens);
        Assert.Equal(await readAsync(one), await readAsync(other));
    }

    private static async Task<double[]> LossesAsync(string configuration, bool writes)
    {
        using TrainingFixture run = Fixture(configuration);
        Assert.Equal(writes, run.Sys.Settings.SerializeAllMessages);
        Assert.Equal(writes, run.Sys.Serialization.FindSerializerForType(typeof(RunStep)) is ControlMessageSerializer);
        await run.TrainAsync<TrainingEnded>(3);
        Assert.Equal(3, run.Steps.Count);
        return [.. run.Steps.Select(step => step.Loss)];
    }
}
