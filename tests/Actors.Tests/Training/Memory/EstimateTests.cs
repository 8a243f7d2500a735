using Actors.Cpu;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Memory;

namespace Actors.Runtime.Tests.Training.Memory;

public sealed class EstimateTests
{
    [Fact]
    public void The_published_placement_of_DeepSeek_V3_is_estimated_without_allocating_it()
    {
        ActorsSettings settings = CheckedSettings.Read(LayeredConfiguration.Load(Path.Combine(Repository.Root, "hocon", "deepseek-v3.conf")));
        using var cpu = new CpuBackend();

        MemoryEstimate estimate = MemoryPlan.OfTraining(RunPlan.Of(settings, settings.Model.Config), cpu);

        Assert.InRange(estimate.Weights, 671e9 * 4 * 2, 671e9 * 4 * 3.1);
        Assert.True(estimate.Training > 671e9 * 4 * 3);
    }

    [Fact]
    public void Serving_on_shared_weights_counts_them_once_and_grows_with_its_limits()
    {
        RunPlan plan = TestPlans.OneRank(TestModels.Small(), sequences: 1, length: 1) with { ExpertRanks = 2, RanksPerNode = 2 };
        using var cpu = new CpuBackend();

        MemoryEstimate small = MemoryPlan.OfServing(plan, Options(32), cpu);
        MemoryEstimate large = MemoryPlan.OfServing(plan, Options(64), cpu);
        MemoryEstimate shared = MemoryPlan.OfServing(plan, Options(64), cpu, sharesWeights: true);

        Assert.True(large.Activations > small.Activations);
        Assert.Equal(large with { Weights = 0 }, shared);
    }

    private static InferenceOptions Options(int maxLength) => new(SlotsPerRank: 4, maxLength, MaxWaiting: 1) { StallTimeout = ActorKit.StallTimeout };
}
