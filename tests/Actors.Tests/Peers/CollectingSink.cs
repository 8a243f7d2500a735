using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Tests.Peers;

/// <summary>Takes <see cref="TestFrame"/>s, checks every byte and the order in each lane, and keeps what links said.</summary>
internal sealed class CollectingSink : IFrameSink
{
    private readonly ConcurrentDictionary<(PeerLink Link, int Lane), List<PayloadPart>> _places = new();
    private readonly ConcurrentDictionary<(PeerLink Link, int Lane), int> _next = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _arrived, _endings;
    private volatile Exception? _failure;

    /// <summary>Frames that came.</summary>
    public int Arrived => Volatile.Read(ref _arrived);

    /// <summary>How often a link ended.</summary>
    public int Endings => Volatile.Read(ref _endings);

    /// <summary>The last header.</summary>
    public FrameHeader Last { get; private set; }

    /// <summary>Refuses frames with this reason, where set.</summary>
    public string? Refuses { get; set; }

    /// <summary>Waits for so many frames.</summary>
    public async Task WaitForAsync(int frames)
    {
        while (Arrived < frames)
        {
            await _changed.WaitAsync(TestContext.Timeout());
            Assert.True(_failure is null, _failure?.Message);
        }
    }

    /// <summary>Waits for the end of a link, and its reason.</summary>
    public Task<string> EndAsync() => _ended.Task.WaitAsync(TestContext.Timeout());

    unsafe int IFrameSink.Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places)
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
            _failure = failure;
        }

        Last = header;
        Interlocked.Increment(ref _arrived);
        _changed.Release();
    }

    void IFrameSink.Ended(PeerLink from, string reason)
    {
        Interlocked.Increment(ref _endings);
        _failure ??= new InvalidOperationException(reason);
        _changed.Release();
        _ended.TrySetResult(reason);
    }

    private unsafe void Check(PeerLink from, in FrameHeader header)
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
