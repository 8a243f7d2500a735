using System.CommandLine;
using System.Globalization;
using Actors.LoadTests.CommandLine;
using Actors.Runtime.Cluster.Links;
using Akka.Actor;

namespace Actors.LoadTests.Routing.Nodes;

/// <summary>
/// <c>routing-node</c>: a node process of <c>routing --nodes</c>, which starts it with its own options. It obeys lines of standard input
/// and ends when that ends.
/// </summary>
internal static class NodeCommand
{
    public const string Name = "routing-node", Process = "--process";

    public static Command Create()
    {
        var command = new Command(Name, "A node process of routing, which starts it.") { Hidden = true };
        var arguments = new RoutingArguments(command);
        _ = new ReportOptions(command);
        var process = new Option<int>(Process);
        command.Add(process);
        command.SetAction((parsed, _) => ServeAsync(arguments.Read(parsed), parsed.GetValue(process)));
        return command;
    }

    private static async Task<int> ServeAsync(RoutingOptions options, int process)
    {
        var output = new NodeOutput();
        string secret = Console.In.ReadLine() ?? throw new UsageException($"{Name} is started by routing --nodes; use that.");
        using var links = new NodeLinks(options, process, secret, reason => output.Say($"failed a link has ended: {reason}"));
        output.Say($"{links.Port}");
        int[] ports = [.. Words(Console.In.ReadLine() ?? "").Select(port => int.Parse(port, CultureInfo.InvariantCulture))];
        if (ports.Length != options.Processes)
        {
            return 1;
        }

        await links.OpenAsync(ports);
        using var plane = new RoutingPlane(options, links.Share());
        links.Receive(() => new FrameReceiver(plane, epoch: 0));
        using var group = new RoutingGroup(plane, new RankLinks(plane, 0, links.LinkTo));
        _ = group.Failure.ContinueWith(failed => output.Say($"failed {failed.Exception!.InnerException!.Message}"), TaskScheduler.Default);
        IReadOnlyList<IActorRef> stages = group.Stages;
        IActorRef starter = group.Add(Props.Create(() => new NodeStarter(stages, options.UnderWay, output)));
        output.Say("ready");
        while (Console.In.ReadLine() is { } line)
        {
            Obey(Words(line), plane, starter, output);
        }

        return 0;
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void Obey(string[] words, RoutingPlane plane, IActorRef starter, NodeOutput output)
    {
        switch (words)
        {
            case ["start", var exchange, var ticks]:
                starter.Tell(
                    new StartExchange(int.Parse(exchange, CultureInfo.InvariantCulture), long.Parse(ticks, CultureInfo.InvariantCulture)), ActorRefs.NoSender);
                break;
            case ["count"]:
                output.Say($"counted {plane.Count().Text}");
                break;
            case ["check"]:
                Check(plane, output);
                break;
        }
    }

    private static void Check(RoutingPlane plane, NodeOutput output)
    {
        try
        {
            plane.Check();
            output.Say("checked");
        }
        catch (CheckFailedException failure)
        {
            output.Say($"failed {failure.Message}");
        }
    }
}
