using Actors.Model;
using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Memory;
using Actors.Simulation.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Training;

/// <summary>The estimate for each device is held to what its ranks allocate there: never below, and not far above.</summary>
public sealed class DeviceMemory
{
    /// <summary>Chunks and temporaries are counted for the worst moment, which a run that is not late anywhere does not meet.</summary>
    private const double Factor = 1.25;

    private const double Within = 0.02;

    [Theory]
    [InlineData("1f1b", 1, 2, 2, 2, null, LogitsBlocks.Limit)]
    [InlineData("1f1b", 1, 4, 2, 2, null, LogitsBlocks.Limit)]
    [InlineData("1f1b", 1, 4, 4, 1, 1.5, LogitsBlocks.Limit)]
    [InlineData("1f1b", 2, 2, 2, 2, 1.5, LogitsBlocks.Limit)]
    [InlineData("dualpipe", 2, 2, 2, 4, 1.5, LogitsBlocks.Limit)]
    [InlineData("dualpipe", 2, 2, 2, 4, 1.5, 1)]
    [InlineData("1f1b", 1, 1, 1, 2, null, LogitsBlocks.Limit)]
    [InlineData("1f1b", 1, 1, 1, 2, null, 1)]
    [InlineData("gpipe", 2, 2, 4, 2, null, LogitsBlocks.Limit)]
    [InlineData("zb1p", 2, 2, 2, 4, null, LogitsBlocks.Limit)]
    [InlineData("zb1p", 2, 1, 2, 4, null, LogitsBlocks.Limit)]
    public void A_run_takes_no_more_of_a_device_than_the_estimate_and_not_much_less(
        string schedule, int pipelineRanks, int expertRanks, int devices, int microBatches, double? capacityFactor, long logitsLimit)
    {
        ModelConfig model = Models.Small(layers: 4) with { HiddenSize = 64, IntermediateSize = 192, ExpertIntermediateSize = 32, VocabularySize = Models.Vocabulary };
        RunPlan plan = Models.Plan(schedule, pipelineRanks, expertRanks, expertRanks, microBatches) with { Model = model, SequenceLength = 32, Devices = devices, Sequences = 4 * microBatches, LogitsLimit = logitsLimit };
        Hold(plan with { Fabric = new FabricSettings(1, 64, 2) { CapacityFactor = capacityFactor } }, precision: null);
    }

    /// <summary>Windows of codes, and the codes that a rank sends.</summary>
    [Theory]
    [InlineData("1f1b", 1, 4, 2, 2)]
    [InlineData("dualpipe", 2, 2, 2, 4)]
    public void So_does_one_whose_rows_travel_as_codes(string schedule, int pipelineRanks, int expertRanks, int devices, int microBatches)
    {
        ModelConfig model = Models.Small(layers: 4) with { HiddenSize = 256, IntermediateSize = 256, ExpertIntermediateSize = 128, VocabularySize = Models.Vocabulary };
        RunPlan plan = Models.Plan(schedule, pipelineRanks, expertRanks, expertRanks, microBatches) with { Model = model, SequenceLength = 32, Devices = devices, Sequences = 4 * microBatches };
        Hold(plan with { Fabric = new FabricSettings(1, 64, 2) }, Precision.Fp8);
    }

    private static void Hold(RunPlan shape, Precision? precision)
    {
        // The simulated runs balance experts within sequences.
        RunPlan plan = shape with { BalancesSequences = true };
        using var training = new SimulatedTraining(plan, seed: 1, ordersStreams: true, precision: precision);
        // A rank that lends rows to other stages makes eight pieces for them before it lends one again.
        training.Train(4);
        int[] ids = Models.Tokens((int)plan.TokensPerStep, seed: 1);
        training.Run(new RunBatch([.. ids], [.. ids], Gradients: false, Capture: false));

        using var device = new SimulatedBackend(Models.Backend(precision), new SimulationLoop(1), new DrawnCosts(new SimulationLoop(1)), ordersStreams: true);
        var memory = new TrainingMemory(plan, device);
        IReadOnlyList<MemoryEstimate> estimates = memory.Of(RoutingLoad.Expected).Devices;

        Assert.Equal(plan.Devices, estimates.Count);
        Assert.All(estimates.Zip(training.DeviceBytes), one => Assert.InRange(one.First.OnDevice, one.Second, Factor * one.Second));
        MemoryTable taken = training.MemoryTaken, even = memory.Of(RoutingLoad.Balanced), most = memory.Of(RoutingLoad.Most);
        Assert.Equal(training.DeviceBytes.Select(bytes => (double)bytes), taken.Devices.Select(device => device.OnDevice));
        string[] flaws =
        [
            .. Enumerable.Range(0, plan.Ranks).SelectMany(rank => Flaws($"rank {rank}", precision is not null, taken.Ranks[rank], even.Ranks[rank], most.Ranks[rank])),
            .. Enumerable.Range(0, plan.Domains).SelectMany(domain => Flaws($"domain {domain}", precision is not null, taken.Domains[domain], even.Domains[domain], most.Domains[domain])),
        ];
        Assert.True(flaws.Length == 0, string.Join('\n', flaws));
    }

    /// <summary>Where the table before the run is more than 2% off, or the run has taken more than the table's most.</summary>
    private static IEnumerable<string> Flaws(string owner, bool hasCodes, MemoryEstimate taken, MemoryEstimate even, MemoryEstimate most)
    {
        foreach (MemoryKind kind in MemoryEstimate.Kinds)
        {
            foreach (bool onHost in new[] { false, true })
            {
                (double bytes, double planned) = (taken.Of(kind, onHost), even.Of(kind, onHost));
                // Codes for products lie in buffers that grow from layer to layer; what was outgrown is kept, up to as much again.
                bool isPlanned = kind != MemoryKind.Temporaries || !hasCodes;
                if ((isPlanned && Math.Abs(bytes - planned) > Within * bytes) || bytes > most.Of(kind, onHost))
                {
                    yield return $"{owner}: {kind}{(onHost ? ", pinned," : "")} {planned}, at most {most.Of(kind, onHost)}, taken {bytes}";
                }
            }
        }
    }
}
