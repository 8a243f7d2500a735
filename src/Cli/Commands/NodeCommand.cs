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

    private readonly Option<string[]> _roles = new("--role")
    {
        Description = "What it takes part in, train or serve, repeatable or with commas between; both where none is given: actors.cluster.roles",
        HelpName = "ROLE",
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
    };

    private readonly Option<int?> _devices = new("--devices")
    {
        Description = "Ranks that it takes at most, as whole nodes of the plan: actors.cluster.devices",
        HelpName = "N",
    };

    private readonly Option<int?> _metricsPort = MetricsOption.Create("metrics as Prometheus text at /metrics, and /healthz and /readyz");
    private readonly Option<string?> _metricsHost = MetricsOption.CreateHost();
    private readonly KeyOptions _keys;
    private readonly DataOptions _data;
    private readonly SettingsOptions _settings;
    private readonly Terminal _terminal;
    private readonly IModelRuns _runs;

    private NodeCommand(Command command, Terminal terminal, IModelRuns runs)
    {
        (_terminal, _runs) = (terminal, runs);
        _settings = SettingsOptions.WithProfile(command);
        _keys = new KeyOptions(command);
        _keys.Add(_seed, "actors.cluster.seeds");
        _keys.Add(_host, "actors.cluster.host");
        _keys.Add(_port, "actors.cluster.port");
        _keys.Add(_secret, "actors.cluster.secret-file");
        _keys.Add(_roles, "actors.cluster.roles");
        _keys.Add(_devices, "actors.cluster.devices");
        _data = new DataOptions(command);
        command.Add(_metricsPort);
        command.Add(_metricsHost);
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
        ActorsSettings settings = CheckedSettings.Read(configuration, isOfCluster: true);
        int? port = MetricsOption.PortOf(parsed, _metricsPort);
        var request = new NodeRequest(configuration, settings, DataOptions.Load(settings))
        {
            MetricsPort = port,
            MetricsHost = MetricsOption.HostOf(parsed, _metricsHost, port),
        };
        await _runs.RunNodeAsync(request, new TextView(_terminal, parsed.GetValue(GlobalOptions.Json)), stop);
        return ExitCode.Success;
    }

    private IEnumerable<ConfigurationOverride> Overrides(ParseResult parsed) =>
    [
        .. _data.Overrides(parsed),
        .. _keys.Overrides(parsed),

        // Nodes are processes of their own: they share nothing but what crosses links.
        new ConfigurationOverride("actors node", "actors.parallel.share-memory", "off"),
    ];
}
