using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>What the meters of a training run say is what its steps report and its channels count.</summary>
public sealed class TrainingMeterTests
{
    private const int Steps = 3;

    [Fact]
    public async Task Meters_equal_the_sum_of_the_reported_steps()
    {
        using var meters = new RuntimeMeters();
        using var recorded = new RecordingMeters(meters);
        using var run = new TrainingFixture(telemetry: new Telemetry { Meters = meters });
        await run.TrainAsync<TrainingEnded>(Steps);

        Assert.Equal(Steps, recorded["actors.train.steps"]);
        Assert.Equal(run.Steps.Sum(step => step.Tokens), recorded["actors.train.tokens"]);
        Assert.Equal(Steps, recorded.CountOf("actors.train.step.duration"));
        Assert.Equal(run.Steps.Sum(step => step.Seconds), recorded["actors.train.step.duration"], 1e-9);
        Assert.Equal(run.Steps[^1].Loss, recorded["actors.train.loss"]);
        Assert.Equal(run.Steps[^1].GradientNorm, recorded["actors.train.gradient.norm"]);
        Assert.Equal(run.Steps[^1].LearningRate, recorded["actors.train.learning_rate"]);
        AssertSeconds(run, recorded, "actors.train.compute.time", step => step.Times.Compute);
        AssertSeconds(run, recorded, "actors.train.experts.time", step => step.Times.Experts);
        AssertSeconds(run, recorded, "actors.train.communication.exposed.time", step => step.Times.ExposedCommunication);
        AssertSeconds(run, recorded, "actors.train.communication.hidden.time", step => step.Times.Communication.Hidden);
        AssertSeconds(run, recorded, "actors.train.skew.time", step => step.Times.Skew);
        AssertSeconds(run, recorded, "actors.train.bubble.time", step => step.Times.Bubble);
    }

    [Fact]
    public async Task Communication_is_hidden_under_the_time_in_which_ranks_compute_and_nowhere_else()
    {
        using var run = new TrainingFixture();
        await run.TrainAsync<TrainingEnded>(Steps);

        Assert.All(run.Steps, step =>
        {
            Assert.InRange(step.Times.Communication.Hidden, 1, Math.Min(step.Times.Communication.Total, step.Times.Compute + step.Times.Experts));
            Assert.InRange(step.Times.PairCommunication.Hidden, 0, step.Times.Communication.Hidden);
        });
    }

    [Fact]
    public async Task Expert_load_is_that_of_the_steps()
    {
        using var meters = new RuntimeMeters();
        using var recorded = new RecordingMeters(meters);
        using var run = new TrainingFixture(telemetry: new Telemetry { Meters = meters });
        await run.TrainAsync<TrainingEnded>(Steps);

        for (int expert = 0; expert < run.Memory.Plan.Model.RoutedExperts; expert++)
        {
            long tokens = run.Steps.Sum(step => step.Load.Sum(layer => layer.Counts[expert]));
            Assert.Equal(tokens, recorded[$"actors.train.expert.tokens expert={expert}"]);
        }

        foreach (LayerLoad layer in run.Steps[^1].Load)
        {
            Assert.Equal(layer.Counts.Max() / layer.Counts.Average(), recorded[$"actors.train.expert.load.max layer={layer.Layer}"], 1e-12);
            Assert.Equal(layer.Counts.Min() / layer.Counts.Average(), recorded[$"actors.train.expert.load.min layer={layer.Layer}"], 1e-12);
        }
    }

    [Fact]
    public async Task Traffic_is_that_of_all_channels_and_nothing_waits_at_the_end()
    {
        using var meters = new RuntimeMeters();
        using var recorded = new RecordingMeters(meters);
        using var run = new TrainingFixture(telemetry: new Telemetry { Meters = meters });
        await run.TrainAsync<TrainingEnded>(Steps);
        TrafficCounters[] channels = [.. Enumerable.Range(0, run.Memory.Plan.Ranks).Select(rank => run.Memory.Traffic(rank, 0))];

        Assert.Equal(channels.Sum(c => c.SlowRows), recorded["actors.fabric.rows hop=slow"]);
        Assert.Equal(channels.Sum(c => c.FastRows), recorded["actors.fabric.rows hop=fast"]);
        Assert.Equal(channels.Sum(c => c.SlowBytes), recorded["actors.fabric.io hop=slow"]);
        Assert.Equal(channels.Sum(c => c.FastBytes), recorded["actors.fabric.io hop=fast"]);
        Assert.Equal(channels.Sum(c => c.Messages), recorded["actors.fabric.messages hop=slow"] + recorded["actors.fabric.messages hop=fast"]);
        Assert.Equal(channels.Sum(c => c.CreditWaits), recorded["actors.fabric.credit.waits"]);
        Assert.True(recorded["actors.fabric.rows hop=slow"] > 0);
        Assert.Equal(0, recorded["actors.fabric.send_queue.length"]);
    }

    [Fact]
    public void An_exchange_that_waits_for_a_node_is_counted_until_its_last_row_is_sent()
    {
        using var meters = new RuntimeMeters();
        using var recorded = new RecordingMeters(meters);
        var traffic = new TrafficCounters();
        meters.Fabric.Observe([traffic]);
        var queue = new SendQueue(exchanges: 2, slots: 1, traffic);

        queue.Enqueue(0, ExchangePhase.Forward, lastStart: 0);
        queue.Enqueue(1, ExchangePhase.Forward, lastStart: 0);
        Assert.Equal(2, recorded["actors.fabric.send_queue.length"]);
        queue.DropFirst();
        Assert.Equal(1, recorded["actors.fabric.send_queue.length"]);
    }

    private static void AssertSeconds(TrainingFixture run, RecordingMeters recorded, string name, Func<StepCompleted, long> ticks) =>
        Assert.Equal(run.Steps.Sum(step => TimeProvider.System.GetElapsedTime(0, ticks(step)).TotalSeconds), recorded[name], 1e-9);
}
