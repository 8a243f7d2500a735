using Microsoft.Extensions.Logging;

namespace Actors.Simulation.Tests.Training;

/// <summary>Keeps warnings.</summary>
internal sealed class WarningLog : ILoggerFactory, ILogger
{
    public List<string> Warnings { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Warnings.Add(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
