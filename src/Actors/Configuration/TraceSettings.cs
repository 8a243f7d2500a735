namespace Actors.Runtime.Configuration;

/// <summary><c>actors.trace</c>: what a traced run keeps.</summary>
/// <param name="EventsPerRank">Most events kept for a rank; later ones are dropped and counted.</param>
public sealed record TraceSettings(int EventsPerRank)
{
    internal static TraceSettings Read(SettingsReader reader) => new(reader.Int("actors.trace.events-per-rank", most: 1 << 24));
}
