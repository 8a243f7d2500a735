using System.Globalization;
using System.Net;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Configuration;
using Actors.Runtime.Serving;
using Actors.Runtime.Training;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>A process of a cluster: joins it, takes its share of runs, and may come to lead it.</summary>
public sealed class ClusterProcess : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly ClusterProcessOptions _options;
    private readonly PeerLinkOpener _links;
    private readonly Akka.Cluster.Cluster _cluster;

    private ClusterProcess(ActorSystem system, ClusterProcessOptions options, PeerLinkOpener links) =>
        (_system, _options, _links, _cluster) = (system, options, links, Akka.Cluster.Cluster.Get(system));

    /// <summary>Where other processes and callers reach this one.</summary>
    public Address Address => _cluster.SelfAddress;

    /// <summary>Ends when the process has been taken out of the cluster, by itself or by the others.</summary>
    public Task Ended => _system.WhenTerminated;

    /// <summary>Listens for links, makes the process's actors, and begins to join.</summary>
    /// <param name="system">A system of <see cref="ClusterSystem.For"/>.</param>
    /// <param name="options">What the process brings.</param>
    public static ClusterProcess Start(ActorSystem system, ClusterProcessOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(options);
        var process = new ClusterProcess(system, options, PeerLinkOpener.Listen(options));
        process.MakeActors();
        process.Join();
        return process;
    }

    /// <summary>Ends when the process is up.</summary>
    /// <returns>Whether it came up in time.</returns>
    public async Task<bool> IsUpAsync(TimeSpan timeout)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.RegisterOnMemberUp(() => up.TrySetResult());
        return await Task.WhenAny(up.Task, Task.Delay(timeout, _options.Time)).ConfigureAwait(false) == up.Task;
    }

    /// <summary>Leaves the cluster and ends the system: what is led here is handed over.</summary>
    public async ValueTask DisposeAsync()
    {
        await CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClrExitReason.Instance).ConfigureAwait(false);
        _links.Dispose();
    }

    private void MakeActors()
    {
        ClusterSettings settings = _options.Settings;
        var identity = new ProcessIdentity(
            new ProcessDescription(
                $"{_cluster.SelfAddress.Host}:{_cluster.SelfAddress.Port} (process {Environment.ProcessId})", Dns.GetHostName(), _options.RunHash,
                settings.Host, _links.Port, Held: null),
            _links.Secret);
        ClusterSystem.Start(_system, identity, new Opener(_system, _options, _links), new LeaderOptions
        {
            Plan = _options.Plan,
            Identity = identity,
            OpenRun = _options.OpenRun,
            Processes = settings.Processes,
            ReplacementTimeout = settings.ReplacementTimeout,
            PlaceTimeout = settings.PlaceTimeout,
            Serving = _options.Serving is { } serving
                ? new ServingLeaderOptions(
                    serving, identity with { Process = identity.Process with { RunHash = ServingHash(serving) } }, settings.PlaceTimeout,
                    settings.ReplacementTimeout, _options.Time, _options.Telemetry)
                : null,
            Time = _options.Time,
            Telemetry = _options.Telemetry,
        }, _options.Serving is null ? null : new ServingOpener(_system, _options, _options.Serving, _links.Beside(_options.Serving.Plan, ServingHash(_options.Serving))));
    }

    /// <summary>Processes that serve together must also agree on the sizes of steps.</summary>
    private string ServingHash(ClusterServingOptions serving) =>
        string.Create(CultureInfo.InvariantCulture, $"{_options.RunHash} serving {serving.Limits.SlotsPerRank} x {serving.Limits.MaxLength}");

    private void Join()
    {
        Address[] seeds = [.. _options.Settings.Seeds.Select(seed => Address.Parse(ClusterSystem.AddressOf(seed, _options.Settings)))];
        if (seeds.Length == 0)
        {
            _cluster.Join(_cluster.SelfAddress);
        }
        else
        {
            _cluster.JoinSeedNodes(seeds);
        }
    }

    private sealed class ServingOpener(ActorSystem system, ClusterProcessOptions options, ClusterServingOptions serving, ILinkOpener links) : IShareOpener
    {
        public async Task<IRunShare> OpenAsync(PrepareShare order, Action<int, string> peerLost, CancellationToken cancellation) =>
            await ServingShare.OpenAsync(system, order, links, MakeHost, Load, peerLost, cancellation).ConfigureAwait(false);

        private ServingHost MakeHost(HostShare share) =>
            new(serving.Plan, serving.Limits, options.Backend, options.MakeLink, options.Time, telemetry: options.Telemetry, share: share);

        private void Load(ServingHost host, PrepareShare order) => serving.Load(host, order.Checkpoint, order.Order.Run);
    }

    private sealed class Opener(ActorSystem system, ClusterProcessOptions options, PeerLinkOpener links) : IShareOpener
    {
        public async Task<IRunShare> OpenAsync(PrepareShare order, Action<int, string> peerLost, CancellationToken cancellation) =>
            await TrainingShare.OpenAsync(system, order, links, MakeHost, options.Load, peerLost, cancellation).ConfigureAwait(false);

        private TrainingHost MakeHost(HostShare share)
        {
            var host = new TrainingHost(options.Plan, options.Backend, options.MakeLink, options.Time, options.Telemetry, share);
            host.Open(options.Batches);
            return host;
        }
    }
}
