using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>Keeps what is logged at or above a level.</summary>
internal sealed class RecordingLoggers(LogLevel level) : ILoggerFactory
{
    private readonly ConcurrentQueue<(LogLevel Level, string Component, string Message)> _lines = new();
    private readonly SemaphoreSlim _added = new(0);

    public IReadOnlyList<(LogLevel Level, string Component, string Message)> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public IEnumerable<string> Of(LogLevel of, string component) =>
        Lines.Where(line => line.Level == of && line.Component == component).Select(line => line.Message);

    /// <summary>Waits for a message that ends so.</summary>
    public async Task WaitForAsync(string end)
    {
        while (!Lines.Any(line => line.Message.EndsWith(end, StringComparison.Ordinal)))
        {
            await _added.WaitAsync(TestContext.Timeout());
        }
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose() => _added.Dispose();

    private sealed class Recorder(RecordingLoggers all, string component) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel of) => of >= all.Level;

        public void Log<TState>(LogLevel of, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            all._lines.Enqueue((of, component, formatter(state, exception)));
            all._added.Release();
        }
    }

    private LogLevel Level => level;
}
