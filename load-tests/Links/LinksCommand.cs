using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;

namespace Actors.LoadTests.Links;

/// <summary><c>links</c>: how fast frames go to a second process, over TCP and through shared memory.</summary>
internal static class LinksCommand
{
    private const string Description =
        "Frames to a second process of this host, which is started and ended here. For each size, in turns: the link over TCP, a plain socket, "
        + "the link through shared memory, and a copy in memory. Payloads go from unmanaged memory to unmanaged memory and are checked.";

    /// <summary>Long enough for the checksums' code to be optimized.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var command = new Command("links", Description);
        var sizes = new Option<int[]>("--sizes")
        {
            Description = "Bytes of a payload; several with spaces between",
            HelpName = "N",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [4096, 65_536, 1 << 20],
            CustomParser = result => [.. result.Tokens.Select(token => int.TryParse(token.Value, CultureInfo.InvariantCulture, out int bytes)
                && bytes is > 0 and <= LinkLoad.MostBytes ? bytes : Wrong(result, token.Value))],
        };
        Option<double> seconds = NumberOptions.Seconds("--seconds", "Time of each figure", 2, least: 0.1);
        Option<int> rounds = NumberOptions.Whole("--rounds", "Turns in which that time is measured", 4, most: 1000);
        foreach (Option option in (Option[])[sizes, seconds, rounds])
        {
            command.Add(option);
        }

        var report = new ReportOptions(command);
        command.SetAction(async (parsed, _) =>
        {
            report.Show(parsed, await RunAsync(parsed.GetValue(sizes)!, parsed.GetValue(seconds), parsed.GetValue(rounds)));
            return 0;
        });
        return command;
    }

    private static int Wrong(System.CommandLine.Parsing.ArgumentResult result, string text)
    {
        result.AddError($"Cannot parse argument '{text}' for option '--sizes': write whole numbers from 1 to {LinkLoad.MostBytes}");
        return 0;
    }

    private static async Task<Report> RunAsync(int[] sizes, double seconds, int rounds)
    {
        await using PeerProcess peer = await PeerProcess.StartAsync();
        using LinkLoad tcp = await LinkLoad.OpenAsync(peer, sharesMemory: false);
        using LinkLoad memory = await LinkLoad.OpenAsync(peer, sharesMemory: true);
        using var plain = new PlainSocketLoad(peer.PlainPort);
        using var copy = new CopyLoad();
        TimeSpan turn = TimeSpan.FromSeconds(seconds / rounds);
        List<Figure> figures = [];
        foreach (int bytes in sizes)
        {
            tcp.Check(bytes);
            memory.Check(bytes);
            List<double>[] rates = [[], [], [], []], costs = [[], [], [], []];
            Func<TimeSpan, double>[] loads = [time => tcp.Run(bytes, time), time => plain.Run(bytes, time), time => memory.Run(bytes, time), time => copy.Run(bytes, time)];
            foreach (Func<TimeSpan, double> load in loads)
            {
                load(WarmUp);
            }

            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < loads.Length; i++)
                {
                    TimeSpan before = peer.ProcessorTime;
                    long start = Stopwatch.GetTimestamp();
                    double rate = loads[i](turn);
                    rates[i].Add(rate);
                    costs[i].Add((peer.ProcessorTime - before) / Stopwatch.GetElapsedTime(start) / rate);
                }
            }

            string step = string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
            Add(step, "TCP link, GB/s", rates[0]);
            Add(step, "plain socket, GB/s", rates[1]);
            Add(step, "TCP link / plain socket", Ratios(rates[0], rates[1]));
            Add(step, "  by processor time", Ratios(costs[1], costs[0]));
            Add(step, "shared memory link, GB/s", rates[2]);
            Add(step, "memory copy, GB/s", rates[3]);
            Add(step, "shared memory link / copy", Ratios(rates[2], rates[3]));
            Add(step, "  by processor time", Ratios(costs[3], costs[2]));
        }

        string time = string.Create(CultureInfo.InvariantCulture, $"{rounds} of {seconds / rounds:0.##} s, taken in turns after a second of warm-up");
        return new Report("links", [("turns of a figure", time)], figures, []);

        static double[] Ratios(List<double> a, List<double> b) => [.. a.Zip(b, (a, b) => a / b)];

        void Add(string step, string name, IEnumerable<double> values) => figures.Add(new Figure(step, name, Spread.Of(values), 2));
    }
}
