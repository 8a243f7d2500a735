namespace Actors.Runtime.Configuration;

/// <summary><c>actors.watchdog</c>: watch over progress.</summary>
/// <param name="StallTimeout">Without progress for this long the run stops; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
public sealed record WatchdogSettings(TimeSpan StallTimeout)
{
    internal static WatchdogSettings Read(SettingsReader reader) => new(reader.Time("actors.watchdog.stall-timeout"));
}
