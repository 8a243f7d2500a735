namespace Actors.Runtime.Configuration;

/// <summary><c>actors.dispatcher</c>: the threads that run actors.</summary>
/// <param name="Threads">How many; null for one a rank, at most one a processor.</param>
public sealed record DispatcherSettings(int? Threads)
{
    private const int MostThreads = 1024;

    internal static DispatcherSettings Read(SettingsReader reader) => new(reader.OptionalInt("actors.dispatcher.threads", most: MostThreads));
}
