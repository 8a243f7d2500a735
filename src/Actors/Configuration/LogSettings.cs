using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Configuration;

/// <summary><c>actors.log</c>: the log.</summary>
/// <param name="Level">Least level that is written; <see cref="LogLevel.None"/>: nothing is.</param>
public sealed record LogSettings(LogLevel Level)
{
    internal static LogSettings Read(SettingsReader reader) =>
        new(reader.OneOf("actors.log.level", "debug", "info", "warning", "error", "off") switch
        {
            "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            _ => LogLevel.None,
        });
}
