using System.Net;
using System.Net.Sockets;
using Actors.Runtime.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Actors.Cli.Runs;

/// <summary>Serves the runtime's metrics as Prometheus text, for as long as it lives.</summary>
internal sealed class MetricsEndpoint : IDisposable
{
    private const int Attempts = 10;
    private readonly MeterProvider _provider;

    private MetricsEndpoint(MeterProvider provider, string address, IReadOnlyList<string> prefixes)
    {
        _provider = provider;
        Prefixes = prefixes;
        Address = $"{address}metrics";
    }

    /// <summary>What stands before a path, for each name by which the place is asked.</summary>
    public IReadOnlyList<string> Prefixes { get; }

    /// <summary>Where the metrics are read.</summary>
    public string Address { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="meters">What is served, and not the meters of another run in the process.</param>
    /// <param name="host">Address to listen on; any: on all of this host.</param>
    /// <param name="port">Port to listen on; 0 for any that is free.</param>
    /// <exception cref="UsageException">The port cannot be listened on.</exception>
    public static MetricsEndpoint Start(RuntimeMeters meters, IPAddress host, int port)
    {
        for (int attempt = 1; ; attempt++)
        {
            int chosen = port == 0 ? FreePort(host) : port;
            string address = $"http://{new IPEndPoint(host, chosen)}/";
            try
            {
                string own = IsAny(host) ? $"http://+:{chosen}/" : address;
                string[] prefixes = IPAddress.IsLoopback(host) && Localhost(chosen) is { } local ? [own, local] : [own];
                return new MetricsEndpoint(Serve(meters, host, chosen, prefixes), address, prefixes);
            }
            catch (InvalidOperationException failure) when (failure.InnerException is HttpListenerException refused)
            {
                // Another process may have taken a free port since it was found: try the next.
                if (port != 0 || attempt == Attempts)
                {
                    throw new UsageException($"--metrics-port: port {chosen} cannot be listened on: {refused.Message}; name another, or 0 for any free one");
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _provider.Dispose();

    private static bool IsAny(IPAddress host) => host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any);

    private static MeterProvider Serve(RuntimeMeters meters, IPAddress host, int port, string[] prefixes) => Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService("actors"))
        .AddMeter(RuntimeMeters.MeterName)
        .AddView(instrument => meters.Owns(instrument) ? null : MetricStreamConfiguration.Drop)
        .AddPrometheusHttpListener(options =>
        {
            options.Host = IsAny(host) ? "+" : host.ToString();
            options.Port = port;
            options.ScopeInfoEnabled = false;
            options.ConfigureHttpListener = (_, listener) => Array.ForEach(prefixes[1..], listener.Prefixes.Add);
        })
        .Build();

    /// <summary>The listener compares the name in a request with its own: scrapers that say localhost are answered too, where that is this place.</summary>
    private static string? Localhost(int port)
    {
        IPAddress? local = Dns.GetHostAddresses("localhost").FirstOrDefault();
        return local is not null && IPAddress.IsLoopback(local) && (local.Equals(IPAddress.Loopback) || CanListen(local, port)) ? $"http://localhost:{port}/" : null;
    }

    private static int FreePort(IPAddress host)
    {
        using var probe = new TcpListener(host, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static bool CanListen(IPAddress address, int port)
    {
        try
        {
            using var probe = new TcpListener(address, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
