using System.Globalization;
using System.Security.Cryptography;
using Actors.LoadTests.Measuring;
using Akka.Actor;

namespace Actors.LoadTests.Routing.Nodes;

/// <summary>The group's nodes in processes of their own, joined by links. Exchanges are started and counted here.</summary>
internal sealed class NodeProcesses : IRoutingWork
{
    private readonly NodeProcess[] _nodes;
    private readonly ActorSystem _system;

    private NodeProcesses(RoutingOptions options, NodeProcess[] nodes)
    {
        _nodes = nodes;
        _system = MeasuredSystem.Start("routing", ranks: 1);
        IActorRef[] starters = [.. nodes.Select(node => _system.ActorOf(Props.Create(() => new Starter(node))))];
        IActorRef coordinator = _system.ActorOf(Props.Create(() => new CoordinatorActor(starters, options.Ranks, options.UnderWay)));
        foreach (NodeProcess node in nodes)
        {
            node.Coordinator = coordinator;
            node.Listen();
        }

        Name = $"{nodes.Length} processes, {(options.SharesMemory ? "shared memory" : "TCP")}";
        Simulations = new LoadSimulations(coordinator, options.UnderWay, Task.WhenAny(nodes.Select(node => node.Failure)).Unwrap());
    }

    public string Name { get; }

    public LoadSimulations Simulations { get; }

    /// <summary>Starts the processes and joins them.</summary>
    /// <param name="options">The group.</param>
    /// <param name="arguments">The command line that made the options.</param>
    public static async Task<NodeProcesses> StartAsync(RoutingOptions options, string[] arguments)
    {
        string secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        List<NodeProcess> nodes = [];
        try
        {
            for (int number = 0; number < options.Processes; number++)
            {
                nodes.Add(NodeProcess.Start(number, arguments, secret));
            }

            string[] ports = await Task.WhenAll(nodes.Select(node => node.ReadAsync()));
            nodes.ForEach(node => node.Say(string.Join(' ', ports)));
            await Task.WhenAll(nodes.Select(node => node.ReadAsync()));
            return new NodeProcesses(options, [.. nodes]);
        }
        catch
        {
            await EndAsync(nodes);
            throw;
        }
    }

    public Task CheckAsync() => Task.WhenAll(_nodes.Select(node => node.AskAsync("check")));

    public async Task<RoutingCounts> CountAsync()
    {
        var counts = default(RoutingCounts);
        foreach (string[] words in await Task.WhenAll(_nodes.Select(node => node.AskAsync("count"))))
        {
            counts += RoutingCounts.Parse(words.AsSpan(1));
        }

        return counts with { Processor = counts.Processor + Environment.CpuUsage.TotalTime };
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_nodes);
        await _system.Terminate();
    }

    private static Task EndAsync(IEnumerable<NodeProcess> nodes) => Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));

    /// <summary>Stands for the ranks of a process.</summary>
    private sealed class Starter(NodeProcess node) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is StartExchange start)
            {
                node.Say(string.Create(CultureInfo.InvariantCulture, $"start {start.Exchange} {start.IntendedTicks}"));
            }
        }
    }
}
