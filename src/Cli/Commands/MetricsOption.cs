using System.CommandLine;

namespace Actors.Cli.Commands;

/// <summary>The option of the subcommands that serve metrics while they run.</summary>
internal static class MetricsOption
{
    private const int HighestPort = 65535;

    /// <summary>Makes the option.</summary>
    public static Option<int?> Create() => new("--metrics-port")
    {
        Description = "Serve metrics as Prometheus text at http://127.0.0.1:PORT/metrics while running; 0: any free port",
        HelpName = "PORT",
    };

    /// <summary>The port that the option names; null where it is not given.</summary>
    /// <exception cref="UsageException">It is no port.</exception>
    public static int? PortOf(ParseResult parsed, Option<int?> option) => parsed.GetValue(option) switch
    {
        null => null,
        >= 0 and <= HighestPort and int port => port,
        { } other => throw new UsageException($"--metrics-port: {other} is no port: name one from 1 to {HighestPort}, or 0 for any free one"),
    };
}
