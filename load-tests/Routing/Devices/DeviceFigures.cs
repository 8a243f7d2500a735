using Actors.LoadTests.Reporting;

namespace Actors.LoadTests.Routing.Devices;

/// <summary>What is said of routing on devices. Bytes are those of rows that were sent and of the sums that came back for them; a rank's own rows are among them.</summary>
internal static class DeviceFigures
{
    /// <summary>StartExchange, RunExperts, ExpertsDone, ExchangeEnded and the completion: beside what ranks tell each other of parts.</summary>
    private const int OwnMessages = 5;

    /// <summary>The figures of the closed loop.</summary>
    /// <param name="step">Its name.</param>
    /// <param name="result">What was measured.</param>
    public static IEnumerable<Figure> Of(string step, RoutingResult result)
    {
        List<Figure> figures = [];
        Add("tokens/s", round => round.TokensPerSecond, 0);
        Add("tokens/s of a rank", round => round.TokensPerSecond / round.Options.Ranks, 0);
        Add("microseconds an exchange", round => round.Seconds / round.Played.Exchanges * 1e6, 1);
        Add("dispatch and combine, GB/s of a rank", round => PerRank(round, round.Counts.FastBytes + round.Counts.SlowBytes), 2);
        Add("to and from other GPUs, GB/s of a rank", round => PerRank(round, round.Counts.LinkBytes), 2);
        Add("messages/s", round => (round.Counts.ChannelMessages + (OwnMessages * round.Played.Exchanges * round.Options.Ranks)) / round.Seconds, 0);
        Add("allocated bytes/token", round => round.AllocatedBytesPerToken, 3);
        return figures;

        void Add(string name, Func<RoutingRound, double> figure, int digits) => figures.Add(new Figure(step, name, result.Of(figure), digits));
    }

    private static double PerRank(RoutingRound round, long bytes) => bytes / round.Seconds / round.Options.Ranks / 1e9;
}
