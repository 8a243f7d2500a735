using System.CommandLine;
using Actors.Cli.Progress;
using Actors.Cli.Requests;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;

namespace Actors.Cli.Commands;

/// <summary><c>actors node</c>: a process of a cluster, until it is stopped.</summary>
internal sealed class NodeCommand
{
    private readonly Option<string[]> _seed = new("--seed")
    {
        Description = "Process to join, repeatable; none: begin a cluster. actors.cluster.seeds",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string?> _host = new("--host")
    {
        Description = "Address to bind to, where the others reach this process: actors.cluster.host",
        HelpName = "ADDRESS",
    };

    private readonly Option<int?> _port = new("--port")
    {
        Description = "Port of its actors, 0 for any free one: actors.cluster.port",
        HelpName = "PORT",
    };

    private readonly Option<string?> _secret = new("--secret-file")
    {
        Description = "File whose bytes all processes of the cluster have: actors.cluster.secret-file",
        HelpName = "FILE",
    };

    private readonly Option<int?> _metricsPort = MetricsOption.Create();
    private readonly DataOptions _data;
    private readonly SettingsOptions _settings;
    private readonly Terminal _terminal;
    private readonly IModelRuns _runs;

    private NodeCommand(Command command, Terminal terminal, IModelRuns runs)
    {
        (_terminal, _runs) = (terminal, runs);
        _settings = SettingsOptions.WithProfile(command);
        command.Add(_seed);
        command.Add(_host);
        command.Add(_port);
        command.Add(_secret);
        _data = new DataOptions(command);
        command.Add(_metricsPort);
    }

    public static Command Create(Terminal terminal, IModelRuns runs)
    {
        var command = new CommandWithExamples(
            "node",
            "Start a process of a cluster; all of them are given the same profile and text. Ctrl-C leaves the cluster in good order",
            "node",
            "node --seed 127.0.0.1:4053 --port 0",
            "node my.conf --host 10.0.0.2 --seed 10.0.0.1:4053 --secret-file cluster.secret --data book.txt");
        var node = new NodeCommand(command, terminal, runs);
        command.SetAction(node.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        LayeredConfiguration configuration = _settings.Load(parsed, Overrides(parsed));
        ActorsSettings settings = CheckedSettings.Read(configuration);
        var request = new NodeRequest(configuration, settings, DataOptions.Load(settings)) { MetricsPort = MetricsOption.PortOf(parsed, _metricsPort) };
        await _runs.RunNodeAsync(request, new TextView(_terminal, parsed.GetValue(GlobalOptions.Json)), stop);
        return ExitCode.Success;
    }

    private List<ConfigurationOverride> Overrides(ParseResult parsed)
    {
        // Nodes are processes of their own: they share nothing but what crosses links.
        List<ConfigurationOverride> overrides =
            [.. _data.Overrides(parsed), new ConfigurationOverride("actors node", "actors.parallel.share-memory", "off")];
        if (parsed.GetValue(_seed) is { Length: > 0 } seeds)
        {
            overrides.Add(ConfigurationOverride.Of("--seed", "actors.cluster.seeds", seeds));
        }

        if (parsed.GetValue(_host) is { } host)
        {
            overrides.Add(ConfigurationOverride.Of("--host", "actors.cluster.host", host));
        }

        if (parsed.GetValue(_port) is { } port)
        {
            overrides.Add(ConfigurationOverride.Of("--port", "actors.cluster.port", port));
        }

        if (parsed.GetValue(_secret) is { } secret)
        {
            overrides.Add(ConfigurationOverride.Of("--secret-file", "actors.cluster.secret-file", secret));
        }

        return overrides;
    }
}
