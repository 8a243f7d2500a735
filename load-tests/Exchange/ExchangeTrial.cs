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
    private const int Rounds = 101, ExchangesPerRound = 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Measures exchanges whose parts go on behind each other's marks.</summary>
    /// <param name="devices">A GPU a rank.</param>
    /// <param name="tokens">Tokens of a rank.</param>
    /// <param name="columns">Columns of a row.</param>
    public static IEnumerable<Figure> ByMarks(IReadOnlyList<IBackend> devices, int tokens, int columns) =>
        Measure(devices, tokens, columns, flags: null, $"dispatch and combine, {tokens} tokens a rank", static (rank, exchanges, all) => rank.Enqueue(exchanges, all));

    /// <summary>Measures exchanges whose ranks wait for flags, enqueued one after the other and recorded.</summary>
    /// <inheritdoc cref="ByMarks"/>
    public static IEnumerable<Figure> ByFlags(IReadOnlyList<IBackend> devices, int tokens, int columns)
    {
        using ExchangeFlags flags = devices[0].CreateFlags(devices, tokens, Limit);
        return
        [
            .. Measure(devices, tokens, columns, flags, $"by flags, {tokens} tokens a rank", static (rank, exchanges, _) => rank.EnqueueByFlags(exchanges)),
            .. Measure(devices, tokens, columns, flags, $"by flags, {tokens} tokens a rank, recorded", static (rank, exchanges, _) => rank.PlayByFlags(exchanges)),
        ];
    }

    private static Figure[] Measure(
        IReadOnlyList<IBackend> devices, int tokens, int columns, ExchangeFlags? flags, string name, Action<ExchangeRank, int, ExchangeRank[]> enqueue)
    {
        int ranks = devices.Count;
        var shape = new GroupShape(new ExpertPlacement(ExchangeTokens.Experts, ranks, ranks), ExchangeTokens.Choices, columns, ElementType.BFloat16);
        using var windows = new ExchangeWindows(devices, shape, tokens * ranks);
        ExchangeTokens[] drawn = [.. Enumerable.Range(0, ranks).Select(rank => new ExchangeTokens(tokens, columns, seed: rank + 1))];
        ExchangeRank[] all = [.. drawn.Select((own, rank) => new ExchangeRank(rank, devices, own, columns, windows, flags))];
        try
        {
            Run(all, enqueue);
            Array.ForEach(all, rank => rank.Check());
            Run(all, enqueue);
            double[] rounds = [.. Enumerable.Range(0, Rounds).Select(_ => Run(all, enqueue) / ExchangesPerRound)];
            Array.ForEach(all, rank => rank.Check());
            Spread seconds = Spread.Of(rounds);
            double late = rounds.Order().ElementAt(Rounds * 95 / 100) * 1e6;

            // Rows that leave a rank, and as many sums that come back to it: the ranks' mean.
            double remote = drawn.Select((own, rank) => Enumerable.Range(0, ranks).Where(to => to != rank).Sum(to => own.CountTo(to, ranks))).Average();
            double bytes = 2 * remote * shape.RowBytes;
            return
            [
                new Figure(name, "microseconds", seconds.Times(1e6), 1),
                new Figure(name, "microseconds, 95% of rounds", new Spread(late, late, late), 1),
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
    private static double Run(ExchangeRank[] all, Action<ExchangeRank, int, ExchangeRank[]> enqueue)
    {
        Thread[] threads = [.. all.Select(rank => new Thread(() => enqueue(rank, ExchangesPerRound, all)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return all.Max(rank => rank.Wait());
    }
}
