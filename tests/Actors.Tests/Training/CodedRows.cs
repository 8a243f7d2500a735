using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Runtime.Cluster;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Cluster.Links;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>
/// In FP8 rows go to the experts of other ranks as codes with their scales, tokens and gradients of their sums alike, and come back in bfloat16: with the bits of the
/// serial model, whose experts quantize what they get.
/// </summary>
public sealed class CodedRows
{
    private const int Length = 8, Steps = 3;

    /// <summary>A row of 256 elements: 256 codes and two scales out, 256 of bfloat16 back.</summary>
    private const int SentBytes = 264, ReturnedBytes = 512;

    /// <summary>A token goes to two of the groups of experts, each of which lies in one node.</summary>
    [Theory]
    [InlineData("1f1b", 1, 4, 1, false, ActivationMode.Kept, 0)]
    [InlineData("1f1b", 1, 4, 2, true, ActivationMode.Recomputed, 1)]
    [InlineData("dualpipe", 2, 4, 2, false, ActivationMode.Kept, 1)]
    [InlineData("dualpipe", 2, 4, 1, true, ActivationMode.Kept, 0)]
    [InlineData("zbv", 2, 4, 2, true, ActivationMode.Recomputed, 0)]
    [InlineData("zb1p", 2, 2, 1, true, ActivationMode.Kept, 0)]
    public async Task Actors_have_the_serial_numbers_and_move_a_byte_an_element_out(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, bool separates, ActivationMode mode, int modules)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, ranksPerNode) with { SeparatesNodes = separates, Activations = mode };
        plan = plan with { Model = plan.Model with { PredictLayers = modules } };
        TrafficCounters[] traffic = await CompareAsync(plan);

        AssertBytes(traffic, SentBytes + ReturnedBytes, SentBytes + ReturnedBytes);
    }

    /// <summary>What a link writes or reads late shows, in rings of one slot.</summary>
    [Fact]
    public async Task Links_that_are_late_give_the_same_bits()
    {
        RunPlan plan = Plan("dualpipe", 2, 4, 2) with { SeparatesNodes = true, Fabric = new FabricSettings(2, ChunkRows: 3, SlotsPerRing: 1) };
        for (int seed = 1; seed <= 3; seed++)
        {
            using var links = new LateLinks(seed);
            await CompareAsync(plan, links.Make);
        }
    }

    /// <summary>
    /// Tokens are codes where the experts' first product takes codes, gradients where the second does: each by the size that it sums over. A row of 192 has two tiles,
    /// one of 250 has two bytes between codes and scales.
    /// </summary>
    [Theory]
    [InlineData(256, 96, 264, 512)]
    [InlineData(192, 128, 384, 200)]
    [InlineData(250, 128, 500, 260)]
    [InlineData(192, 96, 384, 384)]
    public async Task Sizes_without_whole_tiles_travel_in_bfloat16(int hidden, int inner, int tokenBytes, int gradientBytes)
    {
        RunPlan plan = Plan("dualpipe", 2, 4, 2) with { SeparatesNodes = true };
        plan = plan with { Model = plan.Model with { HiddenSize = hidden, ExpertIntermediateSize = inner } };
        TrafficCounters[] traffic = await CompareAsync(plan);

        AssertBytes(traffic, tokenBytes + (2 * hidden), gradientBytes + (2 * hidden));
    }

    [Theory]
    [InlineData("01|23", false)]
    [InlineData("03|12", true)]
    public async Task Processes_train_the_weights_of_one(string processes, bool sharesMemory)
    {
        RunPlan plan = Plan("dualpipe", 2, 4, 2) with { SeparatesNodes = true };
        Dictionary<string, float[]> expected;
        IBatchSource batches;
        using (var one = new TrainingFixture(plan, backend: Fp8()) { BiasUpdateSpeed = 1e-3 })
        {
            batches = one.Batches;
            await one.Train(Steps).FishForMessageAsync<TrainingEnded>(_ => true);
            expected = one.Memory.Blocks().ToDictionary(block => block.Name, block => block.Values.AsSpan<float>().ToArray());
        }

        int[][] nodes = [.. processes.Split('|').Select(share => share.Select(node => node - '0').ToArray())];
        using IBackend backend = Fp8();
        using var several = new LinkedHosts(plan, batches, sharesMemory, nodes, _ => new RunDevices(backend, () => new HostLink()));
        ImmutableArray<(string Name, float[] Values)> held = await several.TrainAsync(Steps);

        Assert.Equal(expected.Keys.Order(), held.Select(block => block.Name).Distinct().Order());
        Assert.All(held, block => Assert.Equal(expected[block.Name], block.Values));
    }

    private static RoundedBackend Fp8() => new(new CpuBackend(), Precision.Fp8);

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks, int ranksPerNode)
    {
        ModelConfig model = Fp8Models.Config with { Layers = 4, RoutedExperts = 8, ExpertGroups = 4, ExpertGroupsKept = 2, ExpertsPerToken = 3, InitializerRange = 0.02 };
        return TestPlans.OneRank(model, sequences: 8, Length) with
        {
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = ranksPerNode,
            Schedule = schedule,
            MicroBatches = 2 * pipelineRanks,
        };
    }

    /// <summary>A batch through the actors and through the serial model.</summary>
    /// <returns>What the actors' channels have moved.</returns>
    private static async Task<TrafficCounters[]> CompareAsync(RunPlan plan, Func<ITensorLink>? makeLink = null)
    {
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);
        TrafficCounters[] traffic = [];
        ParityRun actors = await ParityRun.ThroughActorsAsync(
            plan, tokens, makeLink, Fp8(), then: host => traffic = [.. Enumerable.Range(0, plan.Ranks)
                .SelectMany(rank => Enumerable.Range(0, plan.Fabric.Channels).Select(channel => host.Traffic(rank, channel)))]);

        actors.AssertEquals(ParityRun.Serial(plan, tokens, Fp8()));
        return traffic;
    }

    /// <summary>A row that goes out comes back, and so do its gradients.</summary>
    /// <param name="traffic">Of all channels.</param>
    /// <param name="forward">Bytes of a row out and back.</param>
    /// <param name="backward">The same of its gradients.</param>
    private static void AssertBytes(TrafficCounters[] traffic, int forward, int backward)
    {
        (long slow, long fast) = (traffic.Sum(channel => channel.SlowRows), traffic.Sum(channel => channel.FastRows));
        Assert.True(slow > 0 && fast > 0, $"{slow} rows between nodes, {fast} inside");
        Assert.Equal(slow / 4 * (forward + backward), traffic.Sum(channel => channel.SlowBytes));
        Assert.Equal(fast / 4 * (forward + backward), traffic.Sum(channel => channel.FastBytes));
    }
}
