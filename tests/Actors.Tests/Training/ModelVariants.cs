using Actors.Model;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Tests.Training;

/// <summary>Models other than the usual one equal the serial model at every placement too.</summary>
public sealed class ModelVariants
{
    private const int Length = 8;

    public static TheoryData<string, string, int, int> Placements()
    {
        var data = new TheoryData<string, string, int, int>();
        foreach (string variant in (string[])["tied", "nothing shared", "tied, nothing shared"])
        {
            data.Add(variant, "1f1b", 1, 1);
            data.Add(variant, "1f1b", 2, 4);
            data.Add(variant, "dualpipe", 2, 2);
            data.Add(variant, "dualpipe", 4, 4);
            data.Add(variant, "dualpipev", 2, 2);
            data.Add(variant, "zb1p", 4, 1);
            data.Add(variant, "interleaved-1f1b", 2, 2);
        }

        data.Add("one expert", "1f1b", 1, 1);
        data.Add("one expert", "dualpipe", 2, 1);
        return data;
    }

    [Theory]
    [MemberData(nameof(Placements))]
    public async Task Every_variant_gives_the_serial_numbers(string variant, string schedule, int pipelineRanks, int expertRanks)
    {
        RunPlan plan = Plan(variant, schedule, pipelineRanks, expertRanks);
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);

        ParityRun actors = await ParityRun.ThroughActorsAsync(plan, tokens);

        actors.AssertEquals(ParityRun.Serial(plan, tokens));
    }

    [Fact]
    public async Task Data_groups_sum_both_uses_of_a_tied_head()
    {
        RunPlan plan = Plan("tied", "dualpipe", 2, 2) with { DataGroups = 2, Sequences = 8 };
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);

        ParityRun actors = await ParityRun.ThroughActorsAsync(plan, tokens);

        actors.AssertOutputsEqual(ParityRun.Serial(plan, tokens));
    }

    private static ModelConfig Model(string variant)
    {
        ModelConfig model = TestModels.Small(layers: 8);
        return variant switch
        {
            "tied" => model with { TieWordEmbeddings = true },
            "nothing shared" => model with { SharedExperts = 0 },
            "tied, nothing shared" => model with { TieWordEmbeddings = true, SharedExperts = 0 },
            _ => model with { RoutedExperts = 1, ExpertsPerToken = 1, ExpertGroups = 1, ExpertGroupsKept = 1 },
        };
    }

    private static RunPlan Plan(string variant, string schedule, int pipelineRanks, int expertRanks) => TestPlans.OneRank(Model(variant), sequences: 6, Length) with
    {
        PipelineRanks = pipelineRanks,
        ExpertRanks = expertRanks,
        RanksPerNode = Math.Max(1, expertRanks / 2),
        Schedule = schedule,
        MicroBatches = 2 * pipelineRanks,
    };
}
