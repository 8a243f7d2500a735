using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Tests.Peers;

/// <summary>Takes <see cref="TestFrame"/>s, checks every byte and the order in each lane, and keeps what links said.</summary>
internal sealed unsafe class CollectingSink : IFrameSink
{
    private readonly ConcurrentDictionary<(PeerLink Link, int Lane), List<PayloadPart>> _places = new();
    private readonly ConcurrentDictionary<(PeerLink Link, int Lane), int> _next = new();
    private readonly TaskCompletionSource _expected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _arrived, _awaited = int.MaxValue, _endings;

    /// <summary>Frames that came.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    /// <summary>How often a link ended.</summary>
    public int Endings => Volatile.Read(ref _endings);

    /// <summary>The last header.</summary>
    public FrameHeader Last { get; private set; }

    /// <summary>Refuses frames with this reason, where set.</summary>
    public string? Refuses { get; set; }

    /// <summary>Waits for so many frames.</summary>
    public Task WaitForAsync(int frames)
    {
        Volatile.Write(ref _awaited, frames);
        if (Arrived >= frames)
        {
            _expected.TrySetResult();
        }

        return _expected.Task.WaitAsync(TestContext.Timeout());
    }

    /// <summary>Waits for the end of a link, and its reason.</summary>
    public Task<string> EndAsync() => _ended.Task.WaitAsync(TestContext.Timeout());

    int IFrameSink.Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places)
    {
        if (Refuses is { } reason)
        {
            throw new FrameRefusedException(reason);
        }

        List<PayloadPart> own = _places.GetOrAdd((from, header.A), _ => []);
        int count = TestFrame.Cut(header, places);
        for (int i = 0; i < count; i++)
        {
            places[i] = new PayloadPart((nint)NativeMemory.Alloc((nuint)places[i].Bytes), places[i].Bytes);
            own.Add(places[i]);
        }

        return count;
    }

    void IFrameSink.Arrived(PeerLink from, in FrameHeader header)
    {
        try
        {
            Check(from, header);
        }
        catch (Exception failure)
        {
            _expected.TrySetException(failure);
        }

        Last = header;
        if (Interlocked.Increment(ref _arrived) == Volatile.Read(ref _awaited))
        {
            _expected.TrySetResult();
        }
    }

    void IFrameSink.Ended(PeerLink from, string reason)
    {
        Interlocked.Increment(ref _endings);
        _expected.TrySetException(new InvalidOperationException(reason));
        _ended.TrySetResult(reason);
    }

    private void Check(PeerLink from, in FrameHeader header)
    {
        Assert.Equal(_next.GetOrAdd((from, header.A), 0), header.B);
        _next[(from, header.A)] = header.B + 1;
        if (header.PayloadBytes > 0)
        {
            List<PayloadPart> places = _places[(from, header.A)];
            TestFrame.Check(header, places);
            places.ForEach(place => NativeMemory.Free((void*)place.Pointer));
            places.Clear();
        }
    }
}
