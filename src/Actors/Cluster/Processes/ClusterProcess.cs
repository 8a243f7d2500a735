using System.Net;
using Akka.Actor;
using Akka.Cluster;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>A process of a cluster: joins it, takes its share of runs, and may come to lead it.</summary>
public sealed class ClusterProcess : IAsyncDisposable
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);
    private readonly ActorSystem _system;
    private readonly ClusterProcessOptions _options;
    private readonly PeerLinkOpener _links;
    private readonly Akka.Cluster.Cluster _cluster;
    private readonly ShareStatus _status = new();
    private readonly ShareStatus _servingStatus = new();
    private volatile bool _isLeaving;

    private ClusterProcess(ActorSystem system, ClusterProcessOptions options, PeerLinkOpener links) =>
        (_system, _options, _links, _cluster) = (system, options, links, Akka.Cluster.Cluster.Get(system));

    /// <summary>Where other processes and callers reach this one.</summary>
    public Address Address => _cluster.SelfAddress;

    /// <summary>Ends when the process has been taken out of the cluster, by itself or by the others.</summary>
    public Task Ended => _system.WhenTerminated;

    /// <summary>Ends when the leader has this process leave: an operator asked for it, or <see cref="AskToLeaveAsync"/>.</summary>
    public Task MayLeave => _status.MayLeave;

    /// <summary>Why the process neither holds a share of a run nor could take one, one line; null: it does, or could.</summary>
    public string? NotReady => _isLeaving || _cluster.IsTerminated ? "leaves the cluster" : _cluster.SelfMember.Status switch
    {
        MemberStatus.Up => _status.NotReady ?? _servingStatus.NotReady,
        MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Removed => "joins the cluster",
        MemberStatus.Down => "is taken out of the cluster",
        _ => "leaves the cluster",
    };

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

    /// <summary>
    /// Asks to leave in good order: the step under way is saved and the plan's nodes are placed on the others. Ends when the process may go,
    /// at the latest after the settings' time.
    /// </summary>
    /// <returns>Whether it may; false: nobody has said so in time.</returns>
    public async Task<bool> AskToLeaveAsync()
    {
        _isLeaving = true;
        Task over = Task.WhenAny(MayLeave, Ended), late = Task.Delay(_options.Settings.LeaveTimeout, _options.Time);
        while (!over.IsCompleted && !late.IsCompleted)
        {
            // Again and again: the leader who was asked may have gone meanwhile.
            _system.ActorSelection($"/user/{ProcessNames.Front}").Tell(new LeaveCluster(null), ActorRefs.NoSender);
            await Task.WhenAny(over, late, Task.Delay(AskAgainAfter, _options.Time)).ConfigureAwait(false);
        }

        return over.IsCompleted;
    }

    /// <summary>Leaves the cluster and ends the system: what is led here is handed over, what is held is freed.</summary>
    public async ValueTask DisposeAsync()
    {
        _isLeaving = true;
        await CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClrExitReason.Instance).ConfigureAwait(false);
        await Task.WhenAll(_status.Freed, _servingStatus.Freed).ConfigureAwait(false);
        _links.Dispose();
    }

    private void MakeActors()
    {
        Configuration.ClusterSettings settings = _options.Settings;
        var description = new ProcessDescription(
            $"{_cluster.SelfAddress.Host}:{_cluster.SelfAddress.Port} (process {Environment.ProcessId})", Dns.GetHostName(), _options.RunHash,
            settings.Host, _links.Port, settings.Devices, Held: null, DeviceKind: _options.DeviceKind, DeviceName: _options.DeviceName);
        ClusterSystem.Start(_system, new ProcessParts(_system, _options, description, _links.Secret, _links, new AkkaMembership(_system))
        {
            Status = _status,
            ServingLinks = _options.Serving is { } serving ? _links.Beside(serving.Plan, serving.HashOf(_options.RunHash)) : null,
            ServingStatus = _servingStatus,
        });
        _options.Telemetry.Meters?.Cluster.Observe(Members);
    }

    private IEnumerable<(string Status, int Members)> Members()
    {
        ClusterEvent.CurrentClusterState state = _cluster.State;
        return
        [
            ("unreachable", state.Unreachable.Count),
            .. state.Members.Where(member => !state.Unreachable.Contains(member))
                .GroupBy(member => member.Status).Select(of => (of.Key.ToString().ToLowerInvariant(), of.Count())),
        ];
    }

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
}
