using System.Diagnostics;
using System.Globalization;
using System.Text;
using Actors.LoadTests.Measuring;

namespace Actors.LoadTests.Routing;

/// <summary>The result as lines for people.</summary>
internal static class RoutingText
{
    public static string Of(RoutingResult result)
    {
        RoutingOptions o = result.Options;
        var text = new StringBuilder();
        Line($"scenario        routing, {o.Ranks / o.RanksPerNode} nodes of {o.RanksPerNode} ranks, {o.Experts} experts, {o.Choices} chosen from {o.GroupsKept} of {o.Groups} groups");
        Line($"rows            {o.Tokens} tokens a rank, {o.Hidden} x {o.RowType}; {o.Fabric.Channels} channels, {o.Fabric.SlotsPerRing} slots of {o.Fabric.ChunkRows} rows");
        Line($"keep constant   {o.UnderWay} exchanges under way, {o.Rounds} rounds: median (least .. greatest)");
        Row("tokens/s", round => round.TokensPerSecond, 1, "N0");
        Row("messages/s", round => round.MessagesPerSecond, 1, "N0");
        Row("slow hop GB/s", round => round.SlowBytesPerSecond, 1e9);
        Row("fast hop GB/s", round => round.FastBytesPerSecond, 1e9);
        Row("written GB/s", round => (round.WrittenByHops + round.WrittenByExperts) / round.Seconds, 1e9);
        Row("copy GB/s", round => round.Copy.BytesPerSecond, 1e9);
        Row("ratio to copy", round => round.CopyRatio, 1);
        Row("  a core second", round => round.CoreRatio, 1);
        Row("  hops' bytes", round => round.HopsRatio, 1);
        Row("  experts' time", round => round.ExpertShare, 1);
        Row("bytes/token", round => round.AllocatedBytesPerToken, 1, "0.000");
        Row("credit waits/s", round => round.Counts.CreditWaits / round.Seconds, 1, "N0");
        Line($"  {"latency ms",-16}{Quantiles(result.ClosedLatency)}");
        if (result.Open is { } open)
        {
            Line($"inject          {result.OpenRate:N0} tokens/s of all ranks, from the intended start; {open.Unserved} exchanges unserved");
            Line($"  {"latency ms",-16}{Quantiles(result.OpenLatency)}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));

        void Row(string name, Func<RoutingRound, double> figure, double unit, string format = "0.00")
        {
            Spread s = result.Of(figure);
            Line($"  {name,-16}{Show(s.Median),14} ({Show(s.Least)} .. {Show(s.Greatest)})");

            string Show(double value) => (value / unit).ToString(format, CultureInfo.InvariantCulture);
        }
    }

    public static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;

    private static string Quantiles(LatencyHistogram latency) => string.Create(
        CultureInfo.InvariantCulture,
        $" p50 {Milliseconds(latency.Quantile(0.5)):0.00}, p99 {Milliseconds(latency.Quantile(0.99)):0.00}, p99.9 {Milliseconds(latency.Quantile(0.999)):0.00}, max {Milliseconds(latency.Max):0.00} of {latency.Count} ranks' exchanges");
}
