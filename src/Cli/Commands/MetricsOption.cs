using System.CommandLine;
using System.Net;

namespace Actors.Cli.Commands;

/// <summary>The option of the subcommands that serve metrics while they run.</summary>
internal static class MetricsOption
{
    private const int HighestPort = 65535;

    /// <summary>Makes the option.</summary>
    /// <param name="what">What is served.</param>
    public static Option<int?> Create(string what = "metrics as Prometheus text at http://127.0.0.1:PORT/metrics") => new("--metrics-port")
    {
        Description = $"Serve {what} while running; 0: any free port",
        HelpName = "PORT",
    };

    /// <summary>Makes the option that says at which address, for who is asked from other hosts.</summary>
    public static Option<string?> CreateHost() => new("--metrics-host")
    {
        Description = "Address for --metrics-port: one of this host, or 0.0.0.0 for all; 127.0.0.1 where none is given",
        HelpName = "ADDRESS",
    };

    /// <summary>The address that the option names; the loopback address where it is not given.</summary>
    /// <exception cref="UsageException">It is no address, or there is no port to it.</exception>
    public static IPAddress HostOf(ParseResult parsed, Option<string?> option, int? port) => parsed.GetValue(option) switch
    {
        null => IPAddress.Loopback,
        { } text when port is null => throw new UsageException($"--metrics-host: {text} is for --metrics-port, which is not given"),
        { } text => IPAddress.TryParse(text, out IPAddress? address)
            ? address
            : throw new UsageException($"--metrics-host: {text} is no address; write it like 10.0.0.1, or 0.0.0.0 for all of this host"),
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
