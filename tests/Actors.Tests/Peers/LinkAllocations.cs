using Actors.Runtime.Peers;
using Actors.Runtime.Tests.Fabric;

namespace Actors.Runtime.Tests.Peers;

/// <summary>Counts the whole process's allocations: runs while no other test does.</summary>
[Collection(nameof(SteadyState))]
public sealed class LinkAllocations
{
    private const int Batches = 100, FramesOfBatch = 64;

    [Theory]
    [InlineData(false, 100)]
    [InlineData(false, 100_000)]
    [InlineData(true, 100)]
    [InlineData(true, 100_000)]
    public async Task A_frame_allocates_nothing(bool memory, int payloadBytes)
    {
        using var sink = new CountingSink(payloadBytes);
        using LinkPair pair = await LinkPair.OpenAsync(
            LinkPair.Settings with { SharedMemory = memory, PingInterval = TimeSpan.FromHours(1) }, new LinkPair.Setup { ListenerSink = sink });
        CancellationToken timeout = TestContext.Timeout();
        using var payload = new Payload(payloadBytes);
        long least = long.MaxValue;
        for (int round = 0; round < 6; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int batch = 0; batch < Batches; batch++)
            {
                for (int frame = 0; frame < FramesOfBatch; frame++)
                {
                    pair.Connected.Send(PeerLink.FrameLane, new FrameHeader { Kind = 1 }, [payload.Part], payload);
                }

                sink.Batches.Wait(timeout);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // The smallest object a frame would be 24 bytes; half of the bound is for the batches' waits and a grown work queue.
        Assert.True(least < Batches * FramesOfBatch * 2, $"{least} bytes for {Batches * FramesOfBatch} frames in {Batches} batches");
    }

    /// <summary>Puts every payload at one place, and counts.</summary>
    private sealed class CountingSink(int payloadBytes) : IFrameSink, IDisposable
    {
        private readonly Payload _place = new(payloadBytes);
        private int _arrived;

        public SemaphoreSlim Batches { get; } = new(0);

        public int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places)
        {
            places[0] = _place.Part;
            return 1;
        }

        public void Arrived(PeerLink from, in FrameHeader header)
        {
            if (++_arrived % FramesOfBatch == 0)
            {
                Batches.Release();
            }
        }

        public void Ended(PeerLink from, string reason) => _place.Dispose();

        public void Dispose() => Batches.Dispose();
    }
}
