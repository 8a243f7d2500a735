using Actors.Runtime.Configuration;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Tests.Peers;

/// <summary>Frames arrive once, in order within their lane, byte for byte.</summary>
public sealed class FrameLaws
{
    private const int FramesOfALane = 400;

    [Theory]
    [InlineData("tcp", 1)]
    [InlineData("tcp", 2)]
    [InlineData("tls", 3)]
    [InlineData("memory", 4)]
    [InlineData("memory", 5)]
    public async Task Frames_arrive_once_in_order_and_whole(string kind, int seed)
    {
        LinkSettings settings = LinkPair.Settings with { SharedMemory = kind == "memory" };
        using LinkPair pair = await LinkPair.OpenAsync(settings, new LinkPair.Setup { Tls = kind == "tls" ? TestCertificates.Pair() : null });
        Assert.Equal(kind == "memory", pair.Connected.SharesMemory);
        Assert.Equal(kind == "memory", pair.Accepted.SharesMemory);

        await Task.WhenAll([SendAsync(pair.Connected, seed), SendAsync(pair.Accepted, seed + 100), Counted(pair.ListenerSink), Counted(pair.ConnectorSink)]);

        Assert.Equal((0, 0), (pair.ListenerSink.Endings, pair.ConnectorSink.Endings));

        static Task Counted(CollectingSink sink) => sink.WaitForAsync(4 * FramesOfALane);
    }

    private static Task SendAsync(PeerLink link, int seed) => Task.WhenAll(Enumerable.Range(0, link.Lanes).Select(lane => Task.Run(() =>
    {
        var random = new Random((seed * 1000) + lane);
        for (int number = 0; number < FramesOfALane; number++)
        {
            TestFrame.Send(link, lane, number, random, largest: random.Next(10) == 0 ? 300_000 : 30_000);
        }
    })));
}
