using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Actors.Model.Placement;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.LoadTests.Exchange;

/// <summary>Dispatch and combine of one size between GPUs: checked once, then timed.</summary>
internal static class ExchangeTrial
{
    private const int Rounds = 9, ExchangesPerRound = 20;

    /// <summary>Measures.</summary>
    /// <param name="devices">A GPU a rank.</param>
    /// <param name="tokens">Tokens of a rank.</param>
    /// <param name="columns">Columns of a row.</param>
    public static IEnumerable<Figure> Measure(IReadOnlyList<IBackend> devices, int tokens, int columns)
    {
        int ranks = devices.Count;
        var shape = new GroupShape(new ExpertPlacement(ExchangeTokens.Experts, ranks, ranks), ExchangeTokens.Choices, columns, ElementType.BFloat16);
        using var windows = new ExchangeWindows(devices, shape, tokens * ranks);
        ExchangeTokens[] drawn = [.. Enumerable.Range(0, ranks).Select(rank => new ExchangeTokens(tokens, columns, seed: rank + 1))];
        ExchangeRank[] all = [.. drawn.Select((own, rank) => new ExchangeRank(rank, devices, own, columns, windows))];
        try
        {
            Run(all, 1);
            Array.ForEach(all, rank => rank.Check());
            Run(all, ExchangesPerRound);
            Spread seconds = Spread.Of([.. Enumerable.Range(0, Rounds).Select(_ => Run(all, ExchangesPerRound) / ExchangesPerRound)]);
            Array.ForEach(all, rank => rank.Check());

            // Rows that leave a rank, and as many sums that come back to it: the ranks' mean.
            double remote = drawn.Select((own, rank) => Enumerable.Range(0, ranks).Where(to => to != rank).Sum(to => own.CountTo(to, ranks))).Average();
            double bytes = 2 * remote * shape.RowBytes;
            string name = $"dispatch and combine, {tokens} tokens a rank";
            return
            [
                new Figure(name, "microseconds", seconds.Times(1e6), 1),
                new Figure(name, "rows to other ranks", new Spread(remote, remote, remote), 0),
                new Figure(name, "GB/s to or from other ranks, each rank", seconds.RateOf(bytes * 1e-9), 0),
            ];
        }
        finally
        {
            Array.ForEach(all, rank => rank.Dispose());
        }
    }

    /// <summary>Seconds of the slowest rank.</summary>
    private static double Run(ExchangeRank[] all, int exchanges)
    {
        Thread[] threads = [.. all.Select(rank => new Thread(() => rank.Enqueue(exchanges, all)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return all.Max(rank => rank.Wait());
    }
}
