using Actors.Schedules.Evaluation;
using Actors.Schedules.Search;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Tests.Search;

/// <summary>What is found, beside the optimum of tiny pipelines, which trying all orders finds.</summary>
public class OptimalityTests
{
    private const int Pipelines = 100;

    // Almost always the optimum; a heuristic may miss it by a little. The bound may be far below it, never above.
    [Fact]
    public void Tiny_pipelines_get_the_optimum_or_nearly()
    {
        var random = new Random(20);
        var (excess, missed) = (0.0, 0);
        for (var i = 0; i < Pipelines; i++)
        {
            var request = Tiny(random);
            var optimum = new ExhaustiveSearch(request).LeastStepTime();
            var found = ZeroBubbleSearch.Find(request);

            Assert.InRange(found.LowerBound, 0, optimum * (1 + 1e-9));
            Assert.InRange(found.Evaluation.Run.StepTime, optimum * (1 - 1e-9), optimum * 1.05);
            excess += (found.Evaluation.Run.StepTime / optimum) - 1;
            missed += found.Evaluation.Run.StepTime > optimum * (1 + 1e-9) ? 1 : 0;
        }

        Assert.InRange(excess / Pipelines, 0, 0.001);
        Assert.InRange(missed, 0, Pipelines / 10);
    }

    private static SearchRequest Tiny(Random random)
    {
        var ranks = random.Next(2, 4);
        var costs = Enumerable.Range(0, ranks)
            .Select(_ => new StageCosts(0.8 + (0.4 * random.NextDouble()), 0.8 + (0.6 * random.NextDouble()), 0.5 + (0.5 * random.NextDouble())));
        return new SearchRequest(ranks, random.Next(2, ranks == 2 ? 7 : 5))
        {
            Costs = new StepCosts([.. costs]),
            Memory = new MemoryCosts { KeptForWeights = random.Next(3) == 0 ? 0.5 : 1 },
            MemoryLimit = random.Next(1, 2 * ranks),
        };
    }
}
