using Actors.Cpu;
using Actors.Runtime.Cluster;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Training;

namespace Actors.Runtime.Tests.Cluster;

/// <summary>Runs over more devices than their ranks divide over, and over fewer.</summary>
public sealed class RunDevicesTests
{
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { PipelineRanks = 2, ExpertRanks = 2, RanksPerNode = 2, DataGroups = 2, Devices = 8 };

    private static readonly InferenceOptions Options = new(SlotsPerRank: 1, MaxLength: 24, MaxWaiting: 8) { StallTimeout = TimeSpan.FromMinutes(1) };

    /// <summary>A plan of eight ranks is served by the four of one data group.</summary>
    [Fact]
    public void What_serves_takes_the_first_of_the_devices_that_trained()
    {
        CpuBackend[] backends = [.. Enumerable.Range(0, Plan.Devices).Select(_ => new CpuBackend())];
        using (var host = new ServingHost(Plan, Options, new RunDevices(backends, _ => new HostLink()), TimeProvider.System))
        {
            Assert.Equal(4, host.Plan.Devices);
            Assert.Equal(backends[..4], Enumerable.Range(0, host.Plan.Ranks).Select(rank => host.Rank(rank).Backend));
        }

        Array.ForEach(backends, backend => backend.Dispose());
    }

    [Fact]
    public void Too_few_devices_are_refused()
    {
        using var backend = new CpuBackend();

        string message = Assert.Throws<ArgumentException>(
            () => new ServingHost(Plan, Options, new RunDevices(backend, () => new HostLink()), TimeProvider.System)).Message;

        Assert.StartsWith("The plan divides its ranks over 4 devices, and 1 are given: give as many, or more.", message, StringComparison.Ordinal);
    }
}
