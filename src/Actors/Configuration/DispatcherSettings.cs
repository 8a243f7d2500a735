namespace Actors.Runtime.Configuration;

/// <summary><c>actors.dispatcher</c>: the threads that run actors.</summary>
/// <param name="Threads">Threads that compute; null for one a rank, at most one a processor.</param>
/// <param name="ChannelThreads">Threads that move rows beside them; null for one to every four ranks, at most the processors that are left.</param>
public sealed record DispatcherSettings(int? Threads, int? ChannelThreads)
{
    private const int MostThreads = 1024;

    internal static DispatcherSettings Read(SettingsReader reader) => new(
        reader.OptionalInt("actors.dispatcher.threads", most: MostThreads),
        reader.OptionalInt("actors.dispatcher.channel-threads", least: 0, most: MostThreads));
}
