using System.Collections.Immutable;
using System.Globalization;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Peers;
using Actors.Runtime.Placement;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Faults;

/// <summary>The links between simulated processes: two that were ordered into the same placement meet when they reach each other.</summary>
internal sealed class SimulatedLinks : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);
    private readonly Dictionary<string, Opening> _waiting = new(StringComparer.Ordinal);
    private readonly List<LinkEnd> _ends = [];
    private readonly List<DeviceBuffer> _shared = [];
    private readonly ClusterProcessOptions _options;
    private readonly bool _sharesMemory;

    public SimulatedLinks(SimulationLoop loop, SimulatedNetwork network, ClusterProcessOptions options, FaultOptions faults, Action<string> refused) =>
        (Loop, Network, _options, Sabotage, _sharesMemory, Refused) = (loop, network, options, faults.Sabotage, faults.SharesMemory, refused);

    public SimulationLoop Loop { get; }

    public SimulatedNetwork Network { get; }

    public Sabotage? Sabotage { get; }

    /// <summary>Is told of frames that a process has refused: no fault explains one.</summary>
    public Action<string> Refused { get; }

    /// <summary>A link whose other side is silent for so long is over.</summary>
    public TimeSpan Silence => _options.Links.SilenceTimeout;

    /// <summary>Links that stand, each by both sides.</summary>
    public IEnumerable<LinkEnd> Standing => _ends.Where(end => !end.HasEnded && !end.Other.HasEnded && !end.Home.HasEnded && !end.Other.Home.HasEnded);

    /// <summary>Opens the links of a process.</summary>
    public ILinkOpener For(SimulatedProcess process, bool serves = false) => new Opener(this, process, serves);

    /// <summary>Breaks a link: both sides notice by themselves.</summary>
    public void Cut(LinkEnd end)
    {
        foreach (LinkEnd side in new[] { end, end.Other })
        {
            Loop.At(Loop.Now + Network.DrawDelay(), () => side.End($"{side.Name}: the connection is lost (cut)"), side.Home.Turns);
        }
    }

    /// <summary>A process has ended. Its host says so for it, unless that has ended too.</summary>
    public void Vanish(SimulatedProcess process)
    {
        bool isReset = Loop.Draw(4) > 0;
        foreach (LinkEnd end in _ends.Where(end => end.Home == process && !end.Other.HasEnded))
        {
            end.Vanish();
            if (isReset && Network.Connects(process, end.Other.Home))
            {
                Loop.At(
                    Loop.Now + Network.DrawDelay(), () => end.Other.End($"{end.Other.Name} closed the connection: the process has ended, or let the link go"),
                    end.Other.Home.Turns);
            }
        }
    }

    /// <summary>A partition is over.</summary>
    public void Resume() => _ends.ForEach(end => end.Resume());

    /// <summary>Links that ended take no memory.</summary>
    public void Sweep() => _ends.RemoveAll(end => (end.HasEnded || end.Home.HasEnded) && (end.Other.HasEnded || end.Other.Home.HasEnded));

    public void Dispose() => _shared.ForEach(memory => memory.Dispose());

    private void Meet(Opening one, Opening other)
    {
        if (one.IsOver || other.IsOver)
        {
            return;
        }

        if (!Network.Answers(one.Process, other.Process) || !Network.Answers(other.Process, one.Process))
        {
            Loop.At(Loop.Now + RetryAfter.Ticks, () => Meet(one, other), process: null);
            return;
        }

        LinkEnd mine = one.End(other.Order.Process), theirs = other.End(one.Order.Process);
        (mine.Other, theirs.Other) = (theirs, mine);
        if (_sharesMemory && Share(one, other) is { } shared)
        {
            (mine.Memory, theirs.Memory) = (new BorrowedBuffer(shared), new BorrowedBuffer(shared));
        }

        foreach ((Opening opening, LinkEnd end) in new[] { (one, mine), (other, theirs) })
        {
            _ends.Add(end);
            Loop.At(Loop.Now + Network.DrawDelay(), () => opening.Take(end), opening.Process.Turns);
        }
    }

    /// <summary>Memory for the rings between the nodes of two processes; null: there are none.</summary>
    private DeviceBuffer? Share(Opening one, Opening other)
    {
        RunPlan plan = (one.Serves ? _options.Serving!.Plan : _options.Plan).With(one.Order.Sizes);
        ImmutableArray<ProcessShare> processes = one.Order.Processes;
        IBackend device = _options.Devices.First;
        long bytes = HostShare.BytesBetween(plan, device.Precision, processes[one.Order.Process].Nodes, processes[other.Order.Process].Nodes);
        if (bytes == 0)
        {
            return null;
        }

        // It lives as long as the cluster: a process that was taken for dead may still write there.
        _shared.Add(device.AllocateHost(bytes));
        return _shared[^1];
    }

    private sealed class Opener(SimulatedLinks links, SimulatedProcess process, bool serves) : ILinkOpener
    {
        public Task<PeerLink?[]> OpenAsync(PrepareShare order, IReadOnlyList<IFrameSink> sinks, CancellationToken cancellation)
        {
            var opening = new Opening(links, process, serves, order, sinks, cancellation);
            for (int peer = 0; peer < order.Processes.Length; peer++)
            {
                if (peer == order.Process)
                {
                    continue;
                }

                // Who was told of another placement is no party to this one.
                string placement = string.Join('|', order.Processes.Select(share => $"{share.Name}:{string.Join(',', share.Nodes)}"));
                string key = string.Create(CultureInfo.InvariantCulture, $"{serves} {order.Epoch} {Math.Min(peer, order.Process)}-{Math.Max(peer, order.Process)} {placement}");
                if (links._waiting.Remove(key, out Opening? other) && !other.IsOver && other.Process != process)
                {
                    links.Meet(opening, other);
                }
                else
                {
                    links._waiting[key] = opening;
                }
            }

            return opening.Opened;
        }
    }

    /// <summary>The links of a process as they come.</summary>
    private sealed class Opening
    {
        private readonly SimulatedLinks _links;
        private readonly IReadOnlyList<IFrameSink> _sinks;
        private readonly PeerLink?[] _opened;
        private readonly TaskCompletionSource<PeerLink?[]> _completion = new();

        public Opening(SimulatedLinks links, SimulatedProcess process, bool serves, PrepareShare order, IReadOnlyList<IFrameSink> sinks, CancellationToken cancellation)
        {
            (_links, Process, Serves, Order, _sinks) = (links, process, serves, order, sinks);
            _opened = new PeerLink?[order.Processes.Length];
            cancellation.Register(() => GiveUp(new OperationCanceledException("the share is not wanted any more")));
            links.Loop.At(
                links.Loop.Now + links._options.Settings.PlaceTimeout.Ticks, () => GiveUp(new TimeoutException("not all processes of the placement could be reached")), process.Turns);
            CompleteIfAllAreThere();
        }

        public SimulatedProcess Process { get; }

        public PrepareShare Order { get; }

        public bool Serves { get; }

        public Task<PeerLink?[]> Opened => _completion.Task;

        public bool IsOver => _completion.Task.IsCompleted || Process.HasEnded;

        public LinkEnd End(int peer) => new(_links, Process, Order.Epoch, peer, _sinks[peer], _links._options.Links.QueueFrames) { Serves = Serves };

        public void Take(LinkEnd end)
        {
            _opened[end.Peer] = end;
            end.Watch();
            if (_completion.Task.IsCompleted)
            {
                end.Dispose();
            }
            else
            {
                CompleteIfAllAreThere();
            }
        }

        private void CompleteIfAllAreThere()
        {
            if (_opened.Count(link => link is not null) == _opened.Length - 1)
            {
                _completion.TrySetResult(_opened);
            }
        }

        private void GiveUp(Exception why)
        {
            if (!_completion.Task.IsCompleted)
            {
                Array.ForEach(_opened, link => link?.Dispose());
                _completion.TrySetException(why);
            }
        }
    }
}
