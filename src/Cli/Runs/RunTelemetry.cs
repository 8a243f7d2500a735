using System.Globalization;
using System.Net;
using Actors.Cli.Nodes;
using Actors.Cli.Requests;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Actors.Cli.Runs;

/// <summary>A run's log and meters, and the place where its metrics are read.</summary>
internal sealed class RunTelemetry : IDisposable
{
    private readonly MetricsEndpoint? _endpoint;
    private readonly HealthEndpoint? _healthEndpoint;
    private readonly RuntimeMeters _meters;

    /// <summary>Begins to log and count; serves metrics where a port is named.</summary>
    /// <param name="composition">Clock and log.</param>
    /// <param name="settings">Level of the log.</param>
    /// <param name="metricsPort">Port of the metrics; null: none are served.</param>
    /// <param name="progress">Is told where.</param>
    /// <param name="metricsHost">Address of the metrics; null: the loopback address.</param>
    /// <param name="health">What is said beside the metrics of a process's health; null: nothing.</param>
    /// <exception cref="UsageException">The port cannot be listened on.</exception>
    public RunTelemetry(
        Composition composition, ActorsSettings settings, int? metricsPort, IRunProgress progress, IPAddress? metricsHost = null, NodeHealth? health = null)
    {
        var loggers = new TextLog(composition.Log, settings.Log.Level, composition.Time);
        LogSettings(loggers.CreateLogger(RunLog.Component), settings);
        _meters = new RuntimeMeters();
        if (metricsPort is { } port)
        {
            _endpoint = MetricsEndpoint.Start(_meters, metricsHost ?? IPAddress.Loopback, port);
            _healthEndpoint = health is null ? null : HealthEndpoint.Start(_endpoint, health);
            progress.Notice($"metrics: {_endpoint.Address}");
        }

        Composition = composition with { Telemetry = new Telemetry { Loggers = loggers, Meters = _meters } };
    }

    /// <summary>The composition with what the run logs and counts to.</summary>
    public Composition Composition { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _healthEndpoint?.Dispose();
        _endpoint?.Dispose();
        _meters.Dispose();
    }

    /// <summary>Logs every key that is not at its default.</summary>
    private static void LogSettings(ILogger log, ActorsSettings settings)
    {
        if (!log.IsEnabled(LogLevel.Debug))
        {
            return;
        }

        foreach (EffectiveSetting setting in settings.Effective.Where(setting => !setting.Origin.IsDefault))
        {
            string? value = setting.Value is IEnumerable<string> texts ? string.Join(", ", texts) : Convert.ToString(setting.Value, CultureInfo.InvariantCulture);
            RunLog.Setting(log, setting.Key, value ?? "null", $"{setting.Origin}");
        }
    }
}
