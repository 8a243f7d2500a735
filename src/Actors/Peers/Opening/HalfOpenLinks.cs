using Actors.Runtime.Diagnostics;
using Actors.Runtime.Peers.Lanes;
using Actors.Runtime.Peers.Memory;

namespace Actors.Runtime.Peers.Opening;

/// <summary>Links of which not all lanes are there yet, each for the time of a handshake at most.</summary>
internal sealed class HalfOpenLinks(LinkEnvironment environment, Action<PeerLink> opened) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, HalfOpen> _links = [];

    /// <summary>Keeps a place for a lane of a proven process, before it is told that the lane is open.</summary>
    public Refusal Reserve(in Hello hello, string name, SharedMemory? file, ClockEstimate clock)
    {
        lock (_lock)
        {
            if (hello.Lane != PeerLink.ControlLane)
            {
                return _links.TryGetValue(hello.Link, out HalfOpen? found) && found.Peer == hello.From && (found.Reserved & 1 << hello.Lane) == 0
                    ? found.Reserve(hello.Lane)
                    : Refusal.Busy;
            }

            if (_links.ContainsKey(hello.Link) || _links.Count >= environment.Settings.MaxUnprovenConnections)
            {
                return Refusal.Busy;
            }

            Guid id = hello.Link;
            var link = new HalfOpen(hello.From, name, new ByteLane?[hello.Lanes], file, clock, hello.SharedBytes);
            link.Limit = environment.Time.CreateTimer(_ => Expire(id), null, environment.Settings.HandshakeTimeout, Timeout.InfiniteTimeSpan);
            _links.Add(id, link);
            return link.Reserve(hello.Lane);
        }
    }

    /// <summary>Adds a lane; with the last one the link is open.</summary>
    /// <returns>Whether there was a place for it still.</returns>
    public bool Add(in Hello hello, ByteLane lane)
    {
        HalfOpen? link;
        lock (_lock)
        {
            if (!_links.TryGetValue(hello.Link, out link))
            {
                return false;
            }

            link.Lanes[hello.Lane] = lane;
            if (link.File is null && link.Lanes.Contains(null))
            {
                return true;
            }

            _links.Remove(hello.Link);
            link.Limit!.Dispose();
        }

        Open(link);
        return true;
    }

    /// <summary>Closes what is half open.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (HalfOpen link in _links.Values)
            {
                link.Dispose();
            }

            _links.Clear();
        }
    }

    private void Open(HalfOpen half)
    {
        var notices = new LinkNotices();
        LinkMemory? memory = half.File is null ? null : new LinkMemory(half.File, environment.Settings, half.SharedBytes, connected: false);
        for (int lane = 1; memory is not null && lane < half.Lanes.Length; lane++)
        {
            half.Lanes[lane] = memory.Lane(lane, notices);
        }

        var link = new FramedLink(half.Peer, half.Name, [.. half.Lanes.Select(lane => lane!)], memory, notices, half.Clock, environment);
        LinkLog.Opened(environment.Log, link.Name, link.Lanes, memory is null ? "connections" : "shared memory");
        opened(link);
        link.Start();
    }

    private void Expire(Guid id)
    {
        lock (_lock)
        {
            if (_links.Remove(id, out HalfOpen? link))
            {
                link.Dispose();
                LinkLog.Refused(environment.Log, $"{link.Name} opened {link.Lanes.Count(lane => lane is not null)} of {link.Lanes.Length} lanes and then no more");
            }
        }
    }

    private sealed record HalfOpen(int Peer, string Name, ByteLane?[] Lanes, SharedMemory? File, ClockEstimate Clock, long SharedBytes) : IDisposable
    {
        public ITimer? Limit { get; set; }

        public int Reserved { get; private set; }

        public Refusal Reserve(int lane)
        {
            Reserved |= 1 << lane;
            return Refusal.None;
        }

        public void Dispose()
        {
            Limit?.Dispose();
            foreach (ByteLane? lane in Lanes)
            {
                lane?.Dispose();
            }

            File?.Dispose();
        }
    }
}
