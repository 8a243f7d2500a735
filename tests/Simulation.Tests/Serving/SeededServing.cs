using Actors.Model.Inference;
using Actors.Model.Parameters;
using Actors.Oracle;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Serving;

/// <summary>Whatever the order of turns, completions and requests, each answer is the serial model's; nodes share memory or don't, as the seed is odd or even.</summary>
public sealed class SeededServing
{
    private static readonly Infer[] Requests =
    [
        new([1, 2, 3], MaxTokens: 6),
        new([9], MaxTokens: 9, Temperature: 0.8, TopP: 0.9, Seed: 5),
        new([4, 4, 4, 4, 4, 4, 4], MaxTokens: 2),
        new([30, 20, 10], MaxTokens: 7, Temperature: 1.2, TopP: 1, Seed: 6),
        new([7, 8], MaxTokens: 1),
        new([2, 3, 5, 7, 11], MaxTokens: 5),
    ];

    [Theory]
    [InlineData(1, 4, 2, 20)]
    [InlineData(2, 2, 1, 20)]
    [InlineData(4, 2, 2, 20)]
    public void Gives_the_answers_of_the_serial_model(int pipelineRanks, int expertRanks, int ranksPerNode, int seeds) =>
        Compare(pipelineRanks, expertRanks, ranksPerNode, seeds, ordersStreams: false);

    /// <summary>Ranks of one domain exchange rows by their streams.</summary>
    [Theory]
    [InlineData(1, 4, 4, 15)]
    [InlineData(1, 8, 2, 10)]
    [InlineData(2, 2, 2, 15)]
    public void Stages_that_run_ahead_of_their_device_give_the_same_answers(int pipelineRanks, int expertRanks, int ranksPerNode, int seeds) =>
        Compare(pipelineRanks, expertRanks, ranksPerNode, seeds, ordersStreams: true);

    /// <summary>Each device has a domain's values and windows.</summary>
    [Theory]
    [InlineData(1, 4, 4, 2, 10)]
    [InlineData(2, 2, 2, 4, 10)]
    [InlineData(4, 1, 1, 2, 10)]
    [InlineData(4, 1, 1, 4, 10)]
    public void Ranks_on_several_devices_give_the_same_answers(int pipelineRanks, int expertRanks, int ranksPerNode, int devices, int seeds) =>
        Compare(pipelineRanks, expertRanks, ranksPerNode, seeds, ordersStreams: true, devices);

    /// <summary>Each rank has a device, and waits there for the others' flags: in steps of several numbers of rows, which are recorded where there is one stage.</summary>
    [Theory]
    [InlineData(1, 2, 2, 1, 15)]
    [InlineData(1, 4, 4, 3, 15)]
    [InlineData(1, 4, 2, 2, 10)]
    [InlineData(2, 2, 2, 2, 10)]
    public void Ranks_with_a_device_each_give_the_same_answers(int pipelineRanks, int expertRanks, int ranksPerNode, int slotsPerRank, int seeds) =>
        Compare(pipelineRanks, expertRanks, ranksPerNode, seeds, ordersStreams: true, devices: pipelineRanks * expertRanks, slotsPerRank);

    /// <summary>Rows travel as codes: over channels, behind marks, and behind flags.</summary>
    [Theory]
    [InlineData(4, 2, false, 1)]
    [InlineData(4, 4, true, 1)]
    [InlineData(2, 2, true, 2)]
    public void Rows_in_FP8_give_the_answers_of_the_serial_model(int expertRanks, int ranksPerNode, bool ordersStreams, int devices) =>
        Compare(1, expertRanks, ranksPerNode, seeds: 4, ordersStreams, devices, slotsPerRank: 2, Precision.Fp8);

    private static void Compare(
        int pipelineRanks, int expertRanks, int ranksPerNode, int seeds, bool ordersStreams, int devices = 1, int slotsPerRank = 1, Precision? precision = null)
    {
        RunPlan plan = Models.Plan("1f1b", pipelineRanks, expertRanks, ranksPerNode, microBatches: 1) with
        {
            Fabric = new FabricSettings(Channels: 1, ChunkRows: 3, SlotsPerRing: 1),
        };
        plan = precision is null ? plan : Models.OfCodes(plan);
        int[][] expected = [.. Requests.Select(request => Serial(plan, request, precision))];
        Seeds.ForAll(seeds, seed =>
        {
            using var serving = new SimulatedServing(plan with { SeparatesNodes = seed % 2 == 0, Devices = devices }, seed, slotsPerRank, ordersStreams, precision);
            Assert.Equal(expected, serving.Answer(Requests));
        });
    }

    /// <summary>Steps of one, two, three and four sequences, the third of which are computed in four rows.</summary>
    [Theory]
    [InlineData(1, 1, 4, 40)]
    [InlineData(1, 1, 3, 20)]
    [InlineData(2, 1, 2, 20)]
    [InlineData(1, 2, 2, 20)]
    public void Ranks_that_run_ahead_of_their_device_give_the_same_answers(int pipelineRanks, int expertRanks, int slotsPerRank, int seeds)
    {
        RunPlan plan = Models.Plan("1f1b", pipelineRanks, expertRanks, ranksPerNode: 1, microBatches: 1);
        int[][] expected = [.. Requests.Select(request => Serial(plan, request))];
        Seeds.ForAll(seeds, seed =>
        {
            using var serving = new SimulatedServing(plan, seed, slotsPerRank, ordersStreams: true);
            Assert.Equal(expected, serving.Answer(Requests));
        });
    }

    private static int[] Serial(RunPlan plan, Infer request, Precision? precision = null)
    {
        using IBackend backend = Models.Backend(precision);
        using IStream stream = backend.CreateStream("serial");
        using var weights = new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        weights.Initialize(stream, SimulatedServing.WeightSeed);
        weights.Prepare(stream);
        using var generator = new SerialGenerator(backend, stream, weights, plan.ExpertPlacement(), 1, SimulatedServing.MaxLength);
        return generator.Generate([[.. request.Prompt]], request.MaxTokens, [new TokenSampler(request.Temperature, request.TopP, request.Seed)])[0];
    }
}
