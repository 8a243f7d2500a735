using System.Net;
using System.Net.Sockets;
using Actors.Runtime.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Actors.Cli.Runs;

/// <summary>Serves the runtime's metrics as Prometheus text on the loopback interface, for as long as it lives.</summary>
internal sealed class MetricsEndpoint : IDisposable
{
    private const int Attempts = 10;
    private readonly MeterProvider _provider;

    private MetricsEndpoint(MeterProvider provider, int port)
    {
        _provider = provider;
        Address = $"http://127.0.0.1:{port}/metrics";
    }

    /// <summary>Where the metrics are read.</summary>
    public string Address { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="port">Port to listen on; 0 for any that is free.</param>
    /// <exception cref="UsageException">The port cannot be listened on.</exception>
    public static MetricsEndpoint Start(int port)
    {
        for (int attempt = 1; ; attempt++)
        {
            int chosen = port == 0 ? FreePort() : port;
            try
            {
                return new MetricsEndpoint(Serve(chosen), chosen);
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

    private static MeterProvider Serve(int port) => Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => resource.AddService("actors"))
        .AddMeter(RuntimeMeters.MeterName)
        .AddPrometheusHttpListener(options =>
        {
            options.Host = IPAddress.Loopback.ToString();
            options.Port = port;
            options.ScopeInfoEnabled = false;
            options.ConfigureHttpListener = (_, listener) => AddLocalhost(listener, port);
        })
        .Build();

    /// <summary>The listener compares the name in a request with its own: scrapers that say localhost are answered too, where that is this place.</summary>
    private static void AddLocalhost(HttpListener listener, int port)
    {
        IPAddress? local = Dns.GetHostAddresses("localhost").FirstOrDefault();
        if (local is not null && IPAddress.IsLoopback(local) && (local.Equals(IPAddress.Loopback) || CanListen(local, port)))
        {
            listener.Prefixes.Add($"http://localhost:{port}/");
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
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
