using System.Globalization;
using Actors.Cli.Requests;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Actors.Cli.Runs;

/// <summary>A run's log and meters, and the place where its metrics are read.</summary>
internal sealed class RunTelemetry : IDisposable
{
    private readonly MetricsEndpoint? _endpoint;
    private readonly RuntimeMeters _meters;

    /// <summary>Begins to log and count; serves metrics where a port is named.</summary>
    /// <exception cref="UsageException">The port cannot be listened on.</exception>
    public RunTelemetry(Composition composition, ActorsSettings settings, int? metricsPort, IRunProgress progress)
    {
        var loggers = new TextLog(composition.Log, settings.Log.Level, composition.Time);
        LogSettings(loggers.CreateLogger(RunLog.Component), settings);
        if (metricsPort is { } port)
        {
            _endpoint = MetricsEndpoint.Start(port);
            progress.Notice($"metrics: {_endpoint.Address}");
        }

        _meters = new RuntimeMeters();
        Composition = composition with { Telemetry = new Telemetry { Loggers = loggers, Meters = _meters } };
    }

    /// <summary>The composition with what the run logs and counts to.</summary>
    public Composition Composition { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
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
