using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>
/// A log in text, one line a message: time in UTC, level, component, message. At level debug an exception's stack follows.
/// </summary>
/// <param name="writer">Where lines go; each is one call, and calls never overlap.</param>
/// <param name="level">Messages below it are left out.</param>
/// <param name="time">Tells the time of a line.</param>
public sealed class TextLog(TextWriter writer, LogLevel level, TimeProvider time) : ILoggerFactory
{
    private readonly Lock _writing = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new ComponentLog(this, categoryName);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This log writes text and takes no other provider.");

    /// <inheritdoc/>
    public void Dispose()
    {
        // The caller disposes the writer.
    }

    private void Write(LogLevel of, string component, string message, Exception? cause)
    {
        string stamp = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string line = $"{stamp} {NameOf(of)} {component}: {OneLine(message)}";
        if (cause is not null && level <= LogLevel.Debug)
        {
            line = $"{line}{writer.NewLine}{cause}";
        }

        lock (_writing)
        {
            try
            {
                writer.WriteLine(line);
                writer.Flush();
            }
            catch (IOException)
            {
                // A log whose reader has gone, or on a full disk, must not end the run.
            }
        }
    }

    private static string OneLine(string message) => message.AsSpan().ContainsAny('\r', '\n')
        ? string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        : message;

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        LogLevel.Critical => "critical",
        _ => "trace",
    };

    private sealed class ComponentLog(TextLog log, string component) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel of) => of >= log.Level && of != LogLevel.None;

        public void Log<TState>(LogLevel of, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(of))
            {
                log.Write(of, component, formatter(state, exception), exception);
            }
        }
    }

    private LogLevel Level => level;
}
