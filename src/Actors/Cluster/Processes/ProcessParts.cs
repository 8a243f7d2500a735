using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>What the actors of a process of a cluster are made of, whatever joins it to the others.</summary>
public sealed class ProcessParts
{
    private readonly ActorSystem _system;
    private readonly ClusterProcessOptions _options;
    private readonly ProcessIdentity _identity;
    private readonly IClusterMembership _membership;
    private readonly Opener _opener;

    /// <summary>Puts them together.</summary>
    /// <param name="system">Where the actors live.</param>
    /// <param name="options">What the process brings.</param>
    /// <param name="description">Who the process is.</param>
    /// <param name="secret">What all processes of the cluster know.</param>
    /// <param name="links">Opens links to the other processes.</param>
    /// <param name="membership">Knows them.</param>
    public ProcessParts(
        ActorSystem system, ClusterProcessOptions options, ProcessDescription description, ReadOnlyMemory<byte> secret, ILinkOpener links,
        IClusterMembership membership)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_system, _options, _identity, _membership) = (system, options, new ProcessIdentity(description, secret), membership);
        _opener = new Opener(system, options, links);
    }

    /// <summary>How it stands with the process's share of training, for who is no actor.</summary>
    internal ShareStatus Status { get; init; } = new();

    /// <summary>Opens links for serving; null: the process does not serve.</summary>
    public ILinkOpener? ServingLinks { get; init; }

    /// <summary>How it stands with the process's share of serving.</summary>
    internal ShareStatus ServingStatus { get; init; } = new();

    /// <summary>The actor of the process.</summary>
    public Props Process()
    {
        (ProcessIdentity identity, Opener opener, ShareStatus status, Diagnostics.Telemetry telemetry) = (_identity, _opener, Status, _options.Telemetry);
        return Props.Create(() => new ProcessActor(identity, opener, status, telemetry));
    }

    /// <summary>The actor of the process as far as it serves; null: it does not.</summary>
    public Props? ServingProcess()
    {
        if (ServingLinks is not { } links || _options.Serving is not { } serving)
        {
            return null;
        }

        (ProcessIdentity identity, ShareStatus status, Diagnostics.Telemetry telemetry) = (ServingIdentity(serving), ServingStatus, _options.Telemetry);
        var opener = new ServingOpener(_system, _options, serving, links);
        return Props.Create(() => new ProcessActor(identity, opener, status, telemetry));
    }

    /// <summary>The leader; one in the cluster.</summary>
    public Props Leader()
    {
        var leader = new LeaderOptions
        {
            Plan = _options.Plan,
            IsElastic = _options.IsElastic,
            Identity = _identity,
            Membership = _membership,
            OpenRun = _options.OpenRun,
            Processes = _options.Settings.Processes,
            ReplacementTimeout = _options.Settings.ReplacementTimeout,
            GatherTimeout = _options.Settings.GatherTimeout,
            PlaceTimeout = _options.Settings.PlaceTimeout,
            Serving = _options.Serving is { } serving && ServingLinks is not null
                ? new ServingLeaderOptions(
                    serving, ServingIdentity(serving), _membership, _options.Settings.PlaceTimeout, _options.Settings.ReplacementTimeout, _options.Time,
                    _options.Telemetry)
                : null,
            Time = _options.Time,
            Telemetry = _options.Telemetry,
        };
        return Props.Create(() => new LeaderActor(leader));
    }

    /// <summary>Receives callers.</summary>
    /// <param name="leader">Leads to the leader, wherever it is.</param>
    public static Props Front(IActorRef leader) => Props.Create(() => new FrontActor(leader));

    /// <summary>Processes that serve together must also agree on the sizes of steps.</summary>
    private ProcessIdentity ServingIdentity(ClusterServingOptions serving) =>
        _identity with { Process = _identity.Process with { RunHash = serving.HashOf(_options.RunHash) } };

    private sealed class ServingOpener(ActorSystem system, ClusterProcessOptions options, ClusterServingOptions serving, ILinkOpener links) : IShareOpener
    {
        public async Task<IRunShare> OpenAsync(PrepareShare order, Action<int, string> peerLost, CancellationToken cancellation) =>
            await ServingShare.OpenAsync(system, order, links, options.Devices, MakeHost, Load, peerLost, cancellation).ConfigureAwait(false);

        private ServingHost MakeHost(HostShare share) =>
            new(serving.Plan, serving.Limits, options.Devices, options.Time, telemetry: options.Telemetry, share: share);

        private void Load(ServingHost host, PrepareShare order) => serving.Load(host, order.Checkpoint, order.Order.Run);
    }

    private sealed class Opener(ActorSystem system, ClusterProcessOptions options, ILinkOpener links) : IShareOpener
    {
        public async Task<IRunShare> OpenAsync(PrepareShare order, Action<int, string> peerLost, CancellationToken cancellation) =>
            await TrainingShare.OpenAsync(system, order, links, options.Devices, share => MakeHost(share, order.Sizes), options.Load, peerLost, cancellation).ConfigureAwait(false);

        private TrainingHost MakeHost(HostShare share, PlanSizes sizes)
        {
            var host = new TrainingHost(options.Plan.With(sizes), options.Devices, options.Time, options.Telemetry, share)
            {
                WriteBlocks = options.WriteBlocks,
            };
            host.Open(options.Batches, options.StallTimeout);
            return host;
        }
    }
}
