namespace Actors.Runtime.Configuration;

/// <summary><c>actors.cluster.serving</c>: a cluster that answers prompts.</summary>
/// <param name="IdleTimeout">A serving placement without a request for this long is given up; <see cref="TimeSpan.MaxValue"/>: never.</param>
/// <param name="RequestLease">A request whose caller is silent for longer is ended.</param>
public sealed record ClusterServingSettings(TimeSpan IdleTimeout, TimeSpan RequestLease)
{
    private const string LeaseKey = "actors.cluster.serving.request-lease";

    internal static ClusterServingSettings Read(SettingsReader reader)
    {
        TimeSpan lease = reader.Time(LeaseKey);
        return lease == Timeout.InfiniteTimeSpan
            ? throw reader.Wrong(LeaseKey, "a time above 0, such as 10s: a caller that has gone must not keep its place for ever")
            : new ClusterServingSettings(reader.TimeOrForever("actors.cluster.serving.idle-timeout"), lease);
    }
}
