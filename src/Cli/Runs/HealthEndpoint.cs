using System.Net;
using System.Text;
using Actors.Cli.Nodes;

namespace Actors.Cli.Runs;

/// <summary>
/// Answers <c>/healthz</c> and <c>/readyz</c> beside the metrics, for as long as it lives: 200 and "ok", or 503 and the reason in one line.
/// </summary>
internal sealed class HealthEndpoint : IDisposable
{
    private const string Alive = "healthz", Ready = "readyz";
    private readonly HttpListener _listener = new();
    private readonly NodeHealth _health;

    private HealthEndpoint(NodeHealth health) => _health = health;

    /// <summary>The paths that are answered.</summary>
    public static IReadOnlyList<string> Paths { get; } = [Alive, Ready];

    /// <summary>Starts to serve at the address and port of metrics.</summary>
    /// <param name="metrics">Where metrics are served.</param>
    /// <param name="health">Knows.</param>
    public static HealthEndpoint Start(MetricsEndpoint metrics, NodeHealth health)
    {
        var endpoint = new HealthEndpoint(health);
        foreach (string prefix in metrics.Prefixes)
        {
            foreach (string path in Paths)
            {
                endpoint._listener.Prefixes.Add($"{prefix}{path}/");
            }
        }

        endpoint._listener.Start();
        _ = endpoint.ServeAsync();
        return endpoint;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                string? fault = context.Request.Url?.AbsolutePath.Trim('/') == Alive ? _health.NotAlive : _health.NotReady;
                context.Response.StatusCode = (int)(fault is null ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable);
                context.Response.ContentType = "text/plain";
                context.Response.Close(Encoding.UTF8.GetBytes($"{fault ?? "ok"}\n"), willBlock: false);
            }
            catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Who asked has gone, or the endpoint is closed.
            }
        }
    }
}
