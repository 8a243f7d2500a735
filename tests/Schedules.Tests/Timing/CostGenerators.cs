using Actors.Schedules.Timing;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests.Timing;

/// <summary>Random costs, with zeros, thirds, equal and unequal stages, free and slow links, one node and several.</summary>
internal static class CostGenerators
{
    private static readonly Gen<double> Time =
        Gen.OneOf(Gen.Constant(0.0), Gen.Choose(1, 5).Select(n => (double)n), Gen.Choose(1, 3000).Select(n => n / 300.0));

    private static readonly Gen<StageCosts> Stage =
        from forward in Gen.Choose(1, 3000)
        from input in Time
        from weights in Time
        from isSum in Gen.Elements(true, false)
        from backward in Time
        from pair in Gen.Choose(0, 3)
        let full = isSum ? input + weights : backward
        select new StageCosts(forward / 300.0, input, weights, full, pair == 0 ? null : (forward / 300.0 + full) * (1 - 0.1 * pair));

    private static readonly Gen<LinkCosts> Link =
        from latency in Time
        from bandwidth in Gen.Elements(double.PositiveInfinity, 1, 0.3, 7)
        select new LinkCosts(latency, bandwidth);

    /// <summary>Costs for a number of stages.</summary>
    public static Gen<StepCosts> For(int stages) =>
        from isUniform in Gen.Elements(true, false)
        from costs in Stage.ListOf(isUniform ? 1 : stages)
        from link in Link
        from between in Link
        from ranksPerNode in Gen.Elements(1, 2, 3, int.MaxValue)
        from activation in Time
        from gradient in Time
        select new StepCosts([.. costs])
        {
            Link = link,
            LinkBetweenNodes = between,
            RanksPerNode = ranksPerNode,
            ActivationBytes = activation,
            GradientBytes = gradient,
        };
}
