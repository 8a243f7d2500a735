using Actors.LoadTests.Measuring;

namespace Actors.LoadTests.Routing;

/// <summary>The scenario's steps: check, warm-up, keep constant, inject.</summary>
internal sealed class RoutingScenario(RoutingOptions options, Action<string> progress)
{
    private static readonly TimeSpan CopyTime = TimeSpan.FromSeconds(0.3);

    public async Task<RoutingResult> RunAsync()
    {
        using var copy = new MemoryCopy(Environment.ProcessorCount);
        using var plane = new RoutingPlane(options);
        using var group = new RoutingGroup(plane);
        await CheckAsync(plane, group);
        progress($"warm-up: {options.WarmUpSeconds:0.#} s");
        await group.KeepConstantAsync(TimeSpan.FromSeconds(options.WarmUpSeconds));
        copy.Measure(CopyTime);
        plane.TakeLatency();

        List<RoutingRound> rounds = [];
        CopySpeed before = copy.Measure(CopyTime);
        for (int round = 0; round < options.Rounds; round++)
        {
            RoutingCounts start = RoutingCounts.Of(plane);
            Played played = await group.KeepConstantAsync(TimeSpan.FromSeconds(options.Seconds / options.Rounds));
            RoutingCounts moved = RoutingCounts.Of(plane) - start;
            CopySpeed after = copy.Measure(CopyTime);
            rounds.Add(new RoutingRound(options, played, moved, CopySpeed.Between(before, after)));
            progress($"keep constant, round {round + 1} of {options.Rounds}: {rounds[^1].TokensPerSecond:N0} tokens/s, {rounds[^1].CopyRatio:0.00} of a copy, {rounds[^1].CoreRatio:0.00} a core second");
            before = after;
        }

        LatencyHistogram closed = plane.TakeLatency();
        double rate = options.Rate ?? Spread.Of(rounds.Select(round => round.TokensPerSecond)).Median / 2;
        if (rate == 0)
        {
            return new RoutingResult(options, rounds, closed, 0, null, new LatencyHistogram());
        }

        progress($"inject: {rate:N0} tokens/s for {options.Seconds:0.#} s");
        Played open = await group.InjectAsync(rate / options.TokensOfExchange, TimeSpan.FromSeconds(options.Seconds));
        return new RoutingResult(options, rounds, closed, rate, open, plane.TakeLatency());
    }

    private async Task CheckAsync(RoutingPlane plane, RoutingGroup group)
    {
        progress($"check: {options.UnderWay} exchanges of {options.TokensOfExchange} tokens");
        await group.KeepConstantAsync(TimeSpan.Zero);
        for (int exchange = 0; exchange < options.UnderWay; exchange++)
        {
            for (int rank = 0; rank < options.Ranks; rank++)
            {
                plane.Batch(rank, exchange).Check(rank);
                int nodes = plane.FabricOf(rank).Source(rank, exchange).Layout.MaxNodesOfToken;
                if (nodes > options.NodeLimit)
                {
                    throw new CheckFailedException($"A token of rank {rank} reaches {nodes} nodes, the limit is {options.NodeLimit}: keep fewer expert groups.");
                }
            }
        }
    }
}
