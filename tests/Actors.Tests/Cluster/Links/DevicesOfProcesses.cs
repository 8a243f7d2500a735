using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Runtime.Cluster;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>Processes that compute on devices with memory of their own, whose links end later, train the bits of one process on one device.</summary>
public sealed class DevicesOfProcesses
{
    private const int Steps = 2;

    [Theory]
    [InlineData("dualpipe", 2, 4, 2, "01|23", false, 1, true, false)]
    [InlineData("dualpipe", 2, 4, 2, "02|13", true, 2, true, true)]
    [InlineData("dualpipe", 2, 4, 2, "0|12|3", true, 2, false, false)]
    [InlineData("1f1b", 2, 4, 1, "0246|1357", false, 2, false, true)]
    [InlineData("1f1b", 2, 4, 1, "0246|1357", true, 3, true, false)]
    public async Task Have_the_bits_of_one(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, string processes, bool sharesMemory, int devicesOfProcess, bool reachEachOther, bool isRounded)
    {
        RunPlan plan = TrainingFixture.SmallPlan with
        {
            Schedule = schedule,
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = ranksPerNode,
            SeparatesNodes = true,
            Replicas = 1,
        };
        int[][] nodes = [.. processes.Split('|').Select(share => share.Select(node => node - '0').ToArray())];
        (Dictionary<string, float[]> expected, IBatchSource batches) = await TrainAloneAsync(plan, isRounded);
        DividedDevice[][] devices = [.. nodes.Select(_ => Enumerable.Range(0, devicesOfProcess).Select(_ => new DividedDevice(Backend(isRounded))).ToArray())];
        using var late = new LateLinks(seed: nodes.Length);
        var faults = new ConcurrentQueue<string>();
        using var several = new LinkedHosts(
            plan, batches, sharesMemory, nodes, process => new RunDevices(devices[process], _ => late.Make()) { ReachEachOther = reachEachOther },
            (opener, process) => new WatchedLinks(opener, devices[process], faults));

        ImmutableArray<(string Name, float[] Values)> held = await several.TrainAsync(Steps);

        Assert.Empty(faults.Distinct());
        Assert.All(held, block => Assert.Equal(expected[block.Name], block.Values));
        Assert.All(several.Copies, copy => Assert.Equal(copy.Owned, copy.Copy));
        Assert.Equal(sharesMemory ? SharedBy(plan, nodes) : 0, devices.Sum(of => of.Sum(device => device.Imports)));
        Assert.DoesNotContain(devices, of => of.Any(device => device.HoldsImports));
        for (int process = 0; process < nodes.Length; process++)
        {
            IBackend[] used = [.. several.DevicesOf(process)];
            Assert.Equal(devices[process].Take(nodes[process].Length), used);
        }
    }

    /// <summary>How often two processes share rings, each with the other.</summary>
    private static int SharedBy(RunPlan plan, int[][] nodes) =>
        nodes.Sum(one => nodes.Count(other => other != one && HostShare.BytesBetween(plan, Precision.Float32, one, other) > 0));

    private static async Task<(Dictionary<string, float[]> Values, IBatchSource Batches)> TrainAloneAsync(RunPlan plan, bool isRounded)
    {
        using var one = new TrainingFixture(plan, backend: Backend(isRounded)) { BiasUpdateSpeed = 1e-3 };
        await one.Train(Steps).FishForMessageAsync<TrainingEnded>(_ => true);
        return (one.Memory.Blocks().ToDictionary(block => block.Name, block => block.Values.AsSpan<float>().ToArray()), one.Batches);
    }

    private static IBackend Backend(bool isRounded) => isRounded ? new RoundedBackend(new CpuBackend()) : new CpuBackend();
}
