using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Schedules;

namespace Actors.Runtime.Tests.Placement;

/// <summary>The plans that a run may go on with where devices are missing.</summary>
public sealed class SmallerPlansTests
{
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { SeparatesNodes = true, DataGroups = 2, ExpertRanks = 4, RanksPerNode = 2 };

    /// <summary>Devices of one process: what is missing of 16 ranks costs data groups first, then expert ranks.</summary>
    [Theory]
    [InlineData(16, 2, 4, 2, 4)]
    [InlineData(15, 1, 4, 2, 8)]
    [InlineData(8, 1, 4, 2, 8)]
    [InlineData(7, 1, 2, 2, 8)]
    [InlineData(4, 1, 2, 2, 8)]
    [InlineData(3, 1, 1, 2, 8)]
    [InlineData(2, 1, 1, 2, 8)]
    public void Data_groups_go_first_and_then_expert_ranks(int devices, int dataGroups, int expertRanks, int ranksPerNode, int microBatches) =>
        Assert.Equal(new PlanSizes(dataGroups, expertRanks, ranksPerNode, microBatches), Largest(Plan, devices)?.Sizes);

    [Fact]
    public void A_pipeline_without_devices_for_its_ranks_has_no_smaller_plan() => Assert.Null(Largest(Plan, devices: 1));

    [Fact]
    public void Fewer_expert_ranks_keep_their_data_groups_where_there_are_devices_for_them() => Assert.Equal(
        new PlanSizes(2, 3, 6, 4), Largest(
            TestPlans.OneRank(TestModels.Small(experts: 9) with { ExpertGroups = 1, ExpertGroupsKept = 1 }, sequences: 8, length: 8)
                with
            { DataGroups = 2, ExpertRanks = 9, RanksPerNode = 9, MicroBatches = 2 },
            devices: 8)?.Sizes);

    [Theory]
    [InlineData(6, 5, 3)]
    [InlineData(6, 2, 2)]
    [InlineData(5, 4, 1)]
    public void Data_groups_divide_the_sequences(int sequences, int devicesInGroups, int dataGroups) => Assert.Equal(
        dataGroups, Largest(Plan with { DataGroups = sequences, Sequences = sequences }, devicesInGroups * 8)?.DataGroups);

    [Fact]
    public void Expert_ranks_divide_the_experts_and_not_only_their_own_number()
    {
        RunPlan six = TestPlans.OneRank(TestModels.Small(experts: 12), sequences: 8, length: 8) with { ExpertRanks = 6, RanksPerNode = 6 };

        Assert.Equal([6, 4, 3, 2, 1], SmallerPlans.From(six).Select(plan => plan.ExpertRanks).Distinct());
    }

    [Fact]
    public void A_node_that_no_process_can_take_whole_is_made_smaller()
    {
        RunPlan wide = Plan with { DataGroups = 1, RanksPerNode = 4 };

        Assert.Equal((4, 2), (Largest(wide, devices: 2, processes: 4)!.ExpertRanks, Largest(wide, devices: 2, processes: 4)!.RanksPerNode));
        Assert.Equal((2, 2), (Largest(wide, devices: 2, processes: 3)!.ExpertRanks, Largest(wide, devices: 2, processes: 3)!.RanksPerNode));
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void All_that_are_named_keep_the_rules_and_the_work_of_a_step(string schedule)
    {
        foreach (RunPlan plan in Variants(schedule))
        {
            RunPlan[] plans = [.. SmallerPlans.From(plan)];

            Assert.Equal(plan, plans[0]);
            Assert.Equal(plans.Length, plans.Select(one => one.Sizes).Distinct().Count());
            Assert.All(plans, smaller =>
            {
                Assert.Null(smaller.FindFault());
                Assert.True(smaller.Ranks <= plan.Ranks && smaller.RanksPerNode <= plan.RanksPerNode);
                Assert.Equal(plan, smaller.With(plan.Sizes));
            });
            Assert.Contains(plans, smaller => smaller.Ranks == plan.PipelineRanks);
        }
    }

    /// <summary>Activations take no more memory: a rank's part of a micro-batch is no larger, and neither is the mean of what its experts get.</summary>
    [Theory]
    [MemberData(nameof(Schedules))]
    public void No_rank_has_more_sequences_of_a_micro_batch_than_before(string schedule)
    {
        foreach (RunPlan plan in Variants(schedule))
        {
            Assert.All(SmallerPlans.From(plan), smaller =>
            {
                Assert.True(smaller.CutOf(smaller.Sequences).MaxChunkSequences <= plan.CutOf(plan.Sequences).MaxChunkSequences);
                Assert.True(Largest(smaller) == 1 || Largest(smaller) * plan.ExpertRanks <= Largest(plan) * smaller.ExpertRanks);
            });
        }

        static int Largest(RunPlan plan)
        {
            int sequences = plan.Sequences / plan.DataGroups;
            return (sequences + plan.MicroBatches - 1) / plan.MicroBatches;
        }
    }

    public static TheoryData<string> Schedules() => [.. ScheduleCatalog.All.Select(schedule => schedule.Name)];

    private static IEnumerable<RunPlan> Variants(string schedule) =>
        from sequences in new[] { 6, 8, 24 }
        from groups in new[] { 1, 2, 6 }
        from experts in new[] { 1, 4, 8 }
        from perNode in new[] { 1, 2, 8 }
        from microBatches in new[] { 2, 4, 7 }
        let plan = Plan with
        {
            Schedule = schedule,
            Sequences = sequences,
            DataGroups = groups,
            ExpertRanks = experts,
            RanksPerNode = perNode,
            MicroBatches = microBatches,
        }
        where plan.FindFault() is null
        select plan;

    /// <summary>The largest plan for processes with so many devices each.</summary>
    private static RunPlan? Largest(RunPlan plan, int devices, int processes = 1) =>
        SmallerPlans.From(plan).FirstOrDefault(smaller => processes * (devices / smaller.RanksPerNode) >= smaller.Nodes);
}
