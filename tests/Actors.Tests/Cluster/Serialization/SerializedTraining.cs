using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Akka.Configuration;

namespace Actors.Runtime.Tests.Cluster.Serialization;

/// <summary>A run whose control messages are all written and read, as between processes.</summary>
public sealed class SerializedTraining
{
    [Fact]
    public async Task A_run_whose_messages_are_written_and_read_gives_the_same_losses()
    {
        Config serializes = ConfigurationFactory.ParseString("akka.actor.serialize-messages = on").WithFallback(ControlMessageSerializer.Binding());
        Assert.Equal(await LossesAsync("", writes: false), await LossesAsync(serializes.ToString(true), writes: true));
    }

    private static async Task<double[]> LossesAsync(string configuration, bool writes)
    {
        using var run = new TrainingFixture(TrainingFixture.SmallPlan with { SeparatesNodes = true }, configuration: configuration);
        Assert.Equal(writes, run.Sys.Settings.SerializeAllMessages);
        Assert.Equal(writes, run.Sys.Serialization.FindSerializerForType(typeof(RunStep)) is ControlMessageSerializer);
        await run.TrainAsync<TrainingEnded>(3);
        Assert.Equal(3, run.Steps.Count);
        return [.. run.Steps.Select(step => step.Loss)];
    }
}
