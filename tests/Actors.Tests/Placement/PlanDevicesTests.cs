using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;

namespace Actors.Runtime.Tests.Placement;

/// <summary>Ranks on several devices of a process.</summary>
public sealed class PlanDevicesTests
{
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { PipelineRanks = 2, ExpertRanks = 4, RanksPerNode = 2 };

    [Theory]
    [InlineData(1, 2, false, "0 0 0 0 0 0 0 0")]
    [InlineData(2, 2, false, "0 0 0 0 1 1 1 1")]
    [InlineData(2, 2, true, "0 0 1 1 2 2 3 3")]
    [InlineData(8, 4, true, "0 1 2 3 4 5 6 7")]
    public void A_domain_is_what_of_a_node_lies_on_a_device(int devices, int ranksPerNode, bool separates, string domains)
    {
        RunPlan plan = Plan with { Devices = devices, RanksPerNode = ranksPerNode, SeparatesNodes = separates };

        Assert.Null(plan.FindFault());
        Assert.Equal(domains, string.Join(' ', Enumerable.Range(0, plan.Ranks).Select(plan.DomainOf)));
        Assert.Equal(plan.DomainOf(plan.Ranks - 1) + 1, plan.Domains);
    }

    [Fact]
    public void Each_device_has_as_many_ranks()
    {
        PlacementFault? fault = (Plan with { Devices = 3 }).FindFault();

        Assert.Equal(
            new PlacementFault(PlacementPart.Devices, "8 ranks do not divide over 3 devices, and each takes as many; name 2, or change the ranks"), fault);
        Assert.Equal(2, (Plan with { Devices = 3 }).OnFittingDevices().Devices);
        Assert.Equal(8, (Plan with { Devices = 20 }).OnFittingDevices().Devices);
    }

    /// <summary>Three groups of four ranks: nodes of six, and devices of four.</summary>
    [Fact]
    public void Nodes_that_share_no_memory_are_not_cut_by_devices()
    {
        RunPlan plan = TrainingFixture.SmallPlan with
        {
            DataGroups = 3,
            PipelineRanks = 2,
            ExpertRanks = 2,
            RanksPerNode = 6,
            Sequences = 12,
            Devices = 3,
            SeparatesNodes = true,
        };

        Assert.Equal(PlacementPart.Devices, plan.FindFault()?.Part);
        Assert.Null((plan with { SeparatesNodes = false }).FindFault());
    }
}
