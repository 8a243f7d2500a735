using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;
using Akka.Actor;

namespace Actors.LoadTests.Messages;

/// <summary><c>messages</c>: how fast actors exchange messages in one process, and what a message allocates.</summary>
internal static class MessagesCommand
{
    private const string Description =
        "Messages between actors of one process. Steps: one-way (one sender, one receiver), ping-pong (pairs), fan-in (many senders, one "
        + "receiver). Messages are made once and sent again.";

    public static Command Create()
    {
        var command = new Command("messages", Description);
        Option<double> seconds = NumberOptions.Seconds("--seconds", "Time of each step", 3, least: 0.1);
        Option<int> rounds = NumberOptions.Whole("--rounds", "Parts of a step", 5, most: 1000);
        Option<int> pairs = NumberOptions.Whole("--pairs", "Ping-pong pairs", 64, most: 100_000);
        Option<int> senders = NumberOptions.Whole("--senders", "Senders of the fan-in", 16, most: 100_000);
        foreach (Option option in (Option[])[seconds, rounds, pairs, senders])
        {
            command.Add(option);
        }

        var report = new ReportOptions(command);
        command.SetAction(parsed => report.Show(
            parsed, Run(parsed.GetValue(seconds), parsed.GetValue(rounds), parsed.GetValue(pairs), parsed.GetValue(senders))));
        return command;
    }

    private static Report Run(double seconds, int rounds, int pairs, int senders)
    {
        using var system = MeasuredSystem.Start("messages", Environment.ProcessorCount);
        List<Figure> figures = [];
        List<Latency> latencies = [];
        Step("one-way", [SinkWith(system, 1)]);
        Step($"ping-pong: {pairs} pairs", [.. Enumerable.Range(0, pairs).Select(_ => Pair(system))]);
        Step($"fan-in: {senders} senders", [SinkWith(system, senders)]);
        string time = string.Create(CultureInfo.InvariantCulture, $"{rounds} in {seconds:0.#} s after a warm-up as long as one");
        return new Report("messages", [("rounds of a step", time)], figures, latencies);

        void Step(string name, (IActorRef[] Senders, MessageCount Count)[] actors)
        {
            List<double> rates = [], allocations = [];
            TimeSpan time = TimeSpan.FromSeconds(seconds / rounds);
            Round(actors, time);
            foreach ((_, MessageCount count) in actors)
            {
                count.RoundTrips.Clear();
            }

            for (int round = 0; round < rounds; round++)
            {
                (double rate, double allocated) = Round(actors, time);
                rates.Add(rate);
                allocations.Add(allocated);
            }

            figures.Add(new Figure(name, "messages/s", Spread.Of(rates), 0));
            figures.Add(new Figure(name, "allocated bytes/message", Spread.Of(allocations), 3));
            var all = new LatencyHistogram();
            foreach ((_, MessageCount count) in actors)
            {
                all.Add(count.RoundTrips);
            }

            if (all.Count > 0)
            {
                latencies.Add(new Latency(name, "round trips", all));
            }
        }
    }

    private static (double PerSecond, double AllocatedBytes) Round((IActorRef[] Senders, MessageCount Count)[] actors, TimeSpan time)
    {
        using var done = new CountdownEvent(actors.Sum(a => a.Senders.Length));
        long before = actors.Sum(a => a.Count.Messages);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        var order = new SendUntil(start + (long)(time.TotalSeconds * Stopwatch.Frequency), done);
        foreach ((IActorRef[] senders, _) in actors)
        {
            foreach (IActorRef sender in senders)
            {
                sender.Tell(order, ActorRefs.NoSender);
            }
        }

        if (!done.Wait(time + TimeSpan.FromMinutes(1)))
        {
            throw new TimeoutException("The messages came to a stop: nothing ended for a minute.");
        }

        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long messages = actors.Sum(a => a.Count.Messages) - before;
        return (messages / elapsed, (double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / Math.Max(1, messages));
    }

    private static (IActorRef[] Senders, MessageCount Count) SinkWith(ActorSystem system, int senders)
    {
        var count = new MessageCount();
        IActorRef sink = system.ActorOf(Props.Create(() => new SinkActor(count)));
        return ([.. Enumerable.Range(0, senders).Select(_ => system.ActorOf(Props.Create(() => new SourceActor(sink))))], count);
    }

    private static (IActorRef[] Senders, MessageCount Count) Pair(ActorSystem system)
    {
        var count = new MessageCount();
        IActorRef echo = system.ActorOf(Props.Create(() => new EchoActor()));
        return ([system.ActorOf(Props.Create(() => new PingActor(echo, count)))], count);
    }
}
