namespace Actors.Runtime.Configuration;

/// <summary><c>actors.cluster</c>: processes that join, and how they are watched.</summary>
/// <param name="Host">Address of this process, which it binds to and others reach it at.</param>
/// <param name="Port">Port of its actors; 0: any free one.</param>
/// <param name="Seeds">Processes to join, host:port.</param>
/// <param name="Roles">What the process takes part in, of <see cref="AllRoles"/>.</param>
/// <param name="Devices">Ranks that it takes at most; 0: any number.</param>
/// <param name="Processes">Processes that a run waits for before it is first placed.</param>
/// <param name="JoinTimeout">A process that is not up after this long gives up.</param>
/// <param name="ReplacementTimeout">How long a run whose process was lost waits for another; <see cref="TimeSpan.MaxValue"/>: as long as it may gather.</param>
/// <param name="GatherTimeout">How long a run waits for processes at all; <see cref="TimeSpan.MaxValue"/>: for ever.</param>
/// <param name="PlaceTimeout">A placement that does not stand after this long is given up.</param>
/// <param name="LeaveTimeout">How long a process that is asked to end waits until its share is saved and placed elsewhere.</param>
/// <param name="SilenceTimeout">A process that is silent for longer is unreachable.</param>
/// <param name="StableAfter">What is unreachable for this long is taken out of the cluster.</param>
public sealed record ClusterSettings(
    string Host, int Port, IReadOnlyList<string> Seeds, IReadOnlyList<string> Roles, int Devices, int Processes, TimeSpan JoinTimeout, TimeSpan ReplacementTimeout,
    TimeSpan GatherTimeout, TimeSpan PlaceTimeout, TimeSpan LeaveTimeout, TimeSpan SilenceTimeout, TimeSpan StableAfter)
{
    /// <summary>The role of processes that training is placed on.</summary>
    public const string Train = "train";

    /// <summary>The role of processes that serving is placed on.</summary>
    public const string Serve = "serve";

    /// <summary>All roles.</summary>
    public static IReadOnlyList<string> AllRoles { get; } = [Train, Serve];

    /// <summary>Certificates; null: no TLS.</summary>
    public TlsSettings? Tls { get; init; }

    internal static ClusterSettings Read(SettingsReader reader) => new(
        reader.OptionalText("actors.cluster.host") ?? throw reader.Wrong("actors.cluster.host", "a name or an address of this host"),
        reader.Int("actors.cluster.port", least: 0, most: 65535),
        reader.Texts("actors.cluster.seeds"),
        ReadRoles(reader),
        reader.Int("actors.cluster.devices", least: 0, most: 1 << 20),
        reader.Int("actors.cluster.processes", most: 1024),
        reader.FiniteTime("actors.cluster.join-timeout"),
        reader.TimeOrForever("actors.cluster.replacement-timeout"),
        reader.TimeOrForever("actors.cluster.gather-timeout"),
        reader.FiniteTime("actors.cluster.place-timeout"),
        reader.Time("actors.cluster.leave-timeout"),
        reader.FiniteTime("actors.cluster.silence-timeout"),
        reader.FiniteTime("actors.cluster.stable-after"))
    {
        Tls = TlsSettings.Read(reader),
    };

    private static IReadOnlyList<string> ReadRoles(SettingsReader reader)
    {
        IReadOnlyList<string> roles = reader.Texts("actors.cluster.roles");
        return roles.Count > 0 && roles.All(AllRoles.Contains) && roles.Distinct().Count() == roles.Count
            ? roles
            : throw reader.Wrong("actors.cluster.roles", $"one or more of {string.Join(", ", AllRoles)}, each once");
    }
}
