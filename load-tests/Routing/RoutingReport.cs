using System.Globalization;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Actors.LoadTests.Routing.Devices;

namespace Actors.LoadTests.Routing;

/// <summary>What the routing scenario says about its results.</summary>
internal static class RoutingReport
{
    public static Report Of(RoutingResults results)
    {
        List<Figure> figures = [];
        List<Latency> latencies = [];
        foreach (RoutingResult result in results.Works)
        {
            string prefix = results.Works.Count > 1 ? $"{result.Name}, " : "";
            string closed = $"{prefix}keep constant: {results.Options.UnderWay} exchanges under way";
            figures.AddRange(results.Options.Gpus == 0 ? OnHost(closed, result) : DeviceFigures.Of(closed, result));
            AddLatencies(result, prefix, closed, figures, latencies);
        }

        if (results.Works is [var one, var several])
        {
            string step = $"{several.Name}, beside one process in turns";
            figures.Add(new Figure(
                step, "tokens/s, ratio", Spread.Of(several.Rounds.Zip(one.Rounds, (a, b) => a.TokensPerSecond / b.TokensPerSecond)), 2));
            figures.Add(new Figure(step, "plain socket, GB/s", Spread.Of(results.Socket), 2));
            figures.Add(new Figure(step, "memory copy, GB/s", several.Of(round => round.Copy.BytesPerSecond / 1e9), 2));
        }

        return new Report("routing", Settings(results), figures, latencies);
    }

    private static IEnumerable<Figure> OnHost(string closed, RoutingResult result)
    {
        List<Figure> figures = [];
        Add("tokens/s", round => round.TokensPerSecond, 0);
        Add("messages/s", round => round.MessagesPerSecond, 0);
        Add("slow hop, GB/s", round => round.SlowBytesPerSecond / 1e9, 2);
        Add("fast hop, GB/s", round => round.FastBytesPerSecond / 1e9, 2);
        Add("written in all, GB/s", round => (round.WrittenByHops + round.WrittenByExperts) / round.Seconds / 1e9, 2);
        Add("memory copy, GB/s", round => round.Copy.BytesPerSecond / 1e9, 2);
        Add("ratio to copy", round => round.CopyRatio, 2);
        Add("ratio, by processor time", round => round.CoreRatio, 2);
        Add("ratio, hops' bytes only", round => round.HopsRatio, 2);
        Add("experts' share of time", round => round.ExpertShare, 2);
        Add("allocated bytes/token", round => round.AllocatedBytesPerToken, 3);
        Add("credit waits/s", round => round.Counts.CreditWaits / round.Seconds, 0);
        return figures;

        void Add(string name, Func<RoutingRound, double> figure, int digits) => figures.Add(new Figure(closed, name, result.Of(figure), digits));
    }

    private static void AddLatencies(RoutingResult result, string prefix, string closed, List<Figure> figures, List<Latency> latencies)
    {
        latencies.Add(new(closed, "ranks' exchanges", result.ClosedLatency));
        if (result.Open is { } open)
        {
            string step = string.Create(CultureInfo.InvariantCulture, $"{prefix}inject: {result.OpenRate:N0} tokens/s of all ranks");
            figures.Add(new Figure(step, "exchanges never started", new Spread(open.Unserved, open.Unserved, open.Unserved), 0));
            latencies.Add(new(step, "ranks' exchanges, from the intended start", result.OpenLatency));
        }
    }

    private static (string Name, string Value)[] Settings(RoutingResults results)
    {
        RoutingOptions o = results.Options;
        (string, string) moved = o.Gpus == 0
            ? ("channels", $"{o.Fabric.Channels}, rings of {o.Fabric.SlotsPerRing} slots of {o.Fabric.ChunkRows} rows")
            : ("devices", $"{results.Works[0].Name}; {o.Ranks / o.Gpus} {(o.Ranks == o.Gpus ? "rank" : "ranks")} on each");
        return Settings(o, moved);
    }

    private static (string Name, string Value)[] Settings(RoutingOptions o, (string Name, string Value) moved) =>
    [
        ("group", $"{o.Ranks / o.RanksPerNode} nodes of {o.RanksPerNode} ranks"),
        ("experts", $"{o.Experts}, {o.Choices} a token from {o.GroupsKept} of {o.Groups} groups, at most {o.NodeLimit} nodes"),
        ("tokens of a rank", o.Tokens.ToString(CultureInfo.InvariantCulture)),
        ("row", $"{o.Hidden} x {o.RowType}"),
        moved,
        ("rounds", string.Create(CultureInfo.InvariantCulture, $"{o.Rounds} in {o.Seconds:0.#} s after {o.WarmUpSeconds:0.#} s of warm-up")),
    ];
}
