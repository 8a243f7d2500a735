using System.Diagnostics.Metrics;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Diagnostics;

/// <summary>Instruments of links between processes. They read the links' own counters.</summary>
internal sealed class LinkMeters
{
    private static readonly KeyValuePair<string, object?> Sent = new("direction", "sent");
    private static readonly KeyValuePair<string, object?> Read = new("direction", "read");
    private readonly Lock _lock = new();
    private readonly Counter<long> _opened;
    private readonly Counter<long> _ended;
    private readonly List<FramedLink> _links = [];
    private LinkCounts _before;

    public LinkMeters(Meter meter)
    {
        _opened = meter.CreateCounter<long>("actors.link.opened", "{link}", "Links that were opened.");
        _ended = meter.CreateCounter<long>("actors.link.ended", "{link}", "Links that ended, with their placement or by a loss.");
        meter.CreateObservableCounter("actors.link.frames", () => Both(c => c.FramesSent, c => c.FramesRead), "{frame}", "Frames that crossed links.");
        meter.CreateObservableCounter("actors.link.io", () => Both(c => c.BytesSent, c => c.BytesRead), "By", "Bytes of those frames' payloads.");
        meter.CreateObservableUpDownCounter("actors.link.send_queue.length", () => Open().Sum(link => link.Waiting), "{frame}", "Frames that wait to be sent.");
        meter.CreateObservableGauge(
            "actors.link.round_trip", RoundTrips, "s", "Least of the last 64 round trips to a process of the placement.");
    }

    public void Opened(FramedLink link)
    {
        lock (_lock)
        {
            _links.Add(link);
        }

        _opened.Add(1);
    }

    public void Ended(FramedLink link)
    {
        lock (_lock)
        {
            if (_links.Remove(link))
            {
                _before += link.Counts;
            }
        }

        _ended.Add(1);
    }

    private FramedLink[] Open()
    {
        lock (_lock)
        {
            return [.. _links];
        }
    }

    private Measurement<long>[] Both(Func<LinkCounts, long> sent, Func<LinkCounts, long> read)
    {
        LinkCounts all;
        lock (_lock)
        {
            all = _links.Aggregate(_before, (sum, link) => sum + link.Counts);
        }

        return [new(sent(all), Sent), new(read(all), Read)];
    }

    private IEnumerable<Measurement<double>> RoundTrips() => Open()
        .Where(link => link.RoundTrip is not null)
        .Select(link => new Measurement<double>(link.RoundTrip!.Value.TotalSeconds, new KeyValuePair<string, object?>("process", link.Peer)));
}
