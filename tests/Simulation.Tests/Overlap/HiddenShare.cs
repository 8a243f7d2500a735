using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Schedules;
using Actors.Simulation.Tests.Training;

namespace Actors.Simulation.Tests.Overlap;

/// <summary>
/// How much communication a schedule puts beside computation when links are free, as a number without a machine: eight pipeline ranks, four
/// layers a rank and direction, two expert ranks of one node, costs of <see cref="EqualComponents"/>. It is the share that a step
/// reports: the union of all rows under way, that of overlapped pairs where the schedule has some, cut with the rank's computation.
/// </summary>
public sealed class HiddenShare
{
    private const int PipelineRanks = 8;
    private const int LayersOfRank = 4;
    private const double LeastOfPairs = 0.96;

    /// <summary>
    /// Rows that come at the very moment when a computation ends are seen before or after it, as the seed draws; that moves a share by
    /// less than 0.0001.
    /// </summary>
    private const int Digits = 3;

    private static readonly ComponentKind[] Six =
    [
        ComponentKind.AttentionForward, ComponentKind.ExpertsForward, ComponentKind.ExpertsBackward, ComponentKind.ExpertWeights,
        ComponentKind.AttentionBackward, ComponentKind.AttentionWeights,
    ];

    [Theory]
    [InlineData("dualpipe", 20, 0.980)]
    [InlineData("dualpipev", 20, 0.962)]
    [InlineData("chimera", 24, 0.317)]
    [InlineData("gpipe", 20, 0.317)]
    [InlineData("1f1b", 20, 0.317)]
    [InlineData("interleaved-1f1b", 24, 0.272)]
    [InlineData("zb1p", 20, 0)]
    [InlineData("interleaved-zero-bubble", 24, 0)]
    [InlineData("zbv", 20, 0)]
    public void Every_schedule_hides_its_share(string schedule, int microBatches, double share)
    {
        Seeds.ForAll(1, seed =>
        {
            RankTimes times = Step(Plan(schedule, microBatches), seed).Times;

            Assert.Equal(share, Math.Round((times.PairCommunication.HiddenShare ?? times.Communication.HiddenShare)!.Value, Digits));
            Assert.Equal(times.Total, times.Compute + times.Experts + times.ExposedCommunication + times.Skew + times.Bubble);
        });
    }

    [Fact]
    public void Every_schedule_that_trains_has_its_row() => Assert.Equal(
        ScheduleCatalog.All.Where(schedule => schedule != ScheduleCatalog.ForwardOnly).Select(schedule => schedule.Name).Order(StringComparer.Ordinal),
        typeof(HiddenShare).GetMethod(nameof(Every_schedule_hides_its_share))!.GetCustomAttributesData()
            .Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)[0].Value!)
            .Order(StringComparer.Ordinal));

    [Fact]
    public void Dualpipe_hides_at_least_96_percent_of_what_is_in_pairs() => Seeds.ForAll(3, seed =>
        Assert.InRange(Step(Plan("dualpipe", 20), seed).Times.PairCommunication.HiddenShare!.Value, LeastOfPairs, 1));

    [Fact]
    public void In_pairs_the_six_computations_are_equal_and_communication_takes_the_published_share_of_them()
    {
        using var training = new SimulatedTraining(Plan("dualpipe", 20) with { TraceCapacity = 1 << 15 }, seed: 1, _ => new EqualComponents());
        training.Train(1);
        TraceEvent[] pairs = [.. training.Trace.Where(one => one.Component.IsPaired && one.End > one.Start)];

        Dictionary<ComponentKind, long> computed = pairs.Where(one => one.Kind == TraceKind.Compute)
            .GroupBy(one => one.Component.Kind).ToDictionary(kind => kind.Key, kind => kind.Sum(one => one.End - one.Start));
        Assert.Equal(Six.Order(), computed.Keys.Order());
        Assert.Single(computed.Values.Distinct());
        long communicated = pairs.Where(one => one.Kind == TraceKind.Communication).Sum(one => one.End - one.Start);
        Assert.Equal(EqualComponents.Ratio, (double)communicated / computed.Values.Sum(), 12);
    }

    private static StepCompleted Step(RunPlan plan, ulong seed)
    {
        using var training = new SimulatedTraining(plan, seed, _ => new EqualComponents());
        training.Train(1);
        return training.Steps[0];
    }

    private static RunPlan Plan(string schedule, int microBatches) => Models.Plan(schedule, PipelineRanks, expertRanks: 2, ranksPerNode: 2, microBatches) with
    {
        // A token chooses five of eight experts, so that both ranks get rows of every chunk.
        Model = Models.Small(LayersOfRank * PipelineRanks, denseLayers: 0, sharedExperts: 0) with
        {
            ExpertGroups = 1,
            ExpertGroupsKept = 1,
            ExpertsPerToken = 5,
        },
        SequenceLength = 8,
        Fabric = new FabricSettings(Channels: 1, ChunkRows: 32, SlotsPerRing: 2),
    };
}
