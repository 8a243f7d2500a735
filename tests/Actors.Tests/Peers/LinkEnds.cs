using System.Net.Sockets;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Tests.Peers;

/// <summary>A link ends once, with one line that names the other process; others go on.</summary>
public sealed class LinkEnds
{
    [Fact]
    public async Task A_connection_that_closes_ends_the_link_once_and_names_the_process()
    {
        using RawPeer peer = await RawPeer.OpenAsync();
        peer.Sockets[1].Close();
        peer.Sockets[0].Close();
        Assert.Contains("process 5", await peer.Sink.EndAsync());
        await peer.Link.Completion;
        Assert.Equal(1, peer.Sink.Endings);
    }

    [Fact]
    public async Task A_reset_connection_ends_the_link()
    {
        using RawPeer peer = await RawPeer.OpenAsync();
        peer.Sockets[1].LingerState = new LingerOption(true, 0);
        peer.Sockets[1].Close();
        Assert.StartsWith("process 5: the connection is lost (", await peer.Sink.EndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_one_side_ends_the_other_with_its_reason_and_other_links_go_on(bool memory)
    {
        using LinkPair ending = await LinkPair.OpenAsync(LinkPair.Settings with { SharedMemory = memory });
        using LinkPair other = await LinkPair.OpenAsync(LinkPair.Settings with { SharedMemory = memory });
        ending.Connected.End("the run is over");

        Assert.Equal("the run is over", await ending.ConnectorSink.EndAsync());
        string reason = await ending.ListenerSink.EndAsync();
        Assert.StartsWith("process 1 (127.0.0.1:", reason, StringComparison.Ordinal);
        Assert.EndsWith(") ended the link: the run is over", reason, StringComparison.Ordinal);
        TestFrame.Send(other.Connected, 1, 0, new Random(1));
        await other.ListenerSink.WaitForAsync(1);
    }

    [Fact]
    public async Task A_process_that_gives_no_sign_of_life_ends_the_link()
    {
        var time = new ManualTime();
        using RawPeer peer = await RawPeer.OpenAsync(time: time);
        time.Pass(61);
        Assert.Equal("process 5 gave no sign of life for 60 s (silence-timeout)", await peer.Sink.EndAsync());
    }

    [Fact]
    public async Task A_process_that_reads_a_lane_no_more_ends_the_link()
    {
        var time = new ManualTime();
        using RawPeer peer = await RawPeer.OpenAsync(time: time);
        using var memory = new Payload(1 << 20);
        for (int frame = 0; frame < 64; frame++)
        {
            peer.Link.Send(PeerLink.FrameLane, new FrameHeader { Kind = 1 }, [memory.Part], memory);
        }

        // The process lives and sends on its control lane; it only does not read.
        for (int frame = 0; !peer.Link.HasEnded; frame++)
        {
            time.Pass(1);
            peer.Sockets[0].Send(RawPeer.Encode(new FrameHeader { Kind = 7, B = frame }, [], frame));
            await Task.WhenAny(peer.Sink.WaitForAsync(frame + 1), peer.Link.Completion);
        }

        Assert.Equal("process 5 has read nothing of lane 1 for 60 s (silence-timeout)", await peer.Sink.EndAsync());
        Assert.Equal(64, memory.Returned);
    }

    [Fact]
    public async Task A_full_queue_is_an_error_that_names_process_and_lane_and_gives_the_memory_back()
    {
        using RawPeer peer = await RawPeer.OpenAsync(LinkPair.Settings with { QueueFrames = 16 });
        using var memory = new Payload(1 << 20);
        int sent = 0;
        var full = Assert.Throws<PeerLinkException>(() =>
        {
            for (; sent < 1000; sent++)
            {
                peer.Link.Send(PeerLink.FrameLane, new FrameHeader { Kind = 1 }, [memory.Part], memory);
            }
        });

        Assert.StartsWith("process 5, lane 1: 16 frames wait to be sent and one more came", full.Message, StringComparison.Ordinal);
        Assert.Equal(full.Message, await peer.Sink.EndAsync());
        peer.Link.Send(PeerLink.FrameLane, new FrameHeader { Kind = 1 }, [memory.Part], memory);
        Assert.Equal(sent + 2, memory.Returned);
    }

    [Fact]
    public async Task A_frame_above_the_limit_ends_the_link_on_both_sides_before_a_place_is_asked_for()
    {
        using RawPeer peer = await RawPeer.OpenAsync();
        var sink = new CollectingSink();
        using PeerLink other = peer.Answer(LinkPair.Settings with { MaxFrameBytes = 1 << 30 }, sink);
        using var memory = new Payload((1 << 20) + 1);
        other.Send(PeerLink.FrameLane, new FrameHeader { Kind = 7 }, [memory.Part], memory);

        const string Reason = "process 5, lane 1: frame 0 of kind 7 has 1048577 bytes, and at most 1048576 are taken (max-frame-bytes)";
        Assert.Equal(Reason, await peer.Sink.EndAsync());
        Assert.Equal("process 0 ended the link: " + Reason, await sink.EndAsync());
    }

    [Fact]
    public async Task A_frame_above_the_limit_is_not_sent()
    {
        using RawPeer peer = await RawPeer.OpenAsync();
        using var memory = new Payload((1 << 20) + 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => peer.Link.Send(1, new FrameHeader { Kind = 7 }, [memory.Part], memory));
        Assert.Throws<ArgumentOutOfRangeException>(() => peer.Link.Send(1, new FrameHeader { Kind = 7 }, new byte[LinkLimits.SmallBytes + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => peer.Link.Send(1, new FrameHeader { Kind = -1 }));
    }

    [Fact]
    public async Task A_frame_that_the_sink_refuses_ends_the_link_on_both_sides()
    {
        using LinkPair pair = await LinkPair.OpenAsync();
        pair.ListenerSink.Refuses = "no window has number 12";
        pair.Connected.Send(2, new FrameHeader { Kind = 7 }, [1, 2, 3]);
        Assert.EndsWith(", lane 2: no window has number 12", await pair.ListenerSink.EndAsync(), StringComparison.Ordinal);
        Assert.EndsWith(", lane 2: no window has number 12", await pair.ConnectorSink.EndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("header", "process 5, lane 1: the header of frame 1 has a wrong checksum")]
    [InlineData("payload", "process 5, lane 1: the payload of frame 1 has a wrong checksum")]
    [InlineData("twice", "process 5, lane 1: the header of frame 1 has a wrong checksum")]
    [InlineData("torn", "process 5: the connection is lost (the connection ended inside frame 2)")]
    [InlineData("notice", "process 5, lane 1: a notice of kind -2 came on a lane of frames")]
    public async Task What_was_changed_on_the_way_ends_the_link(string change, string reason)
    {
        using RawPeer peer = await RawPeer.OpenAsync();
        peer.Sockets[1].Send(RawPeer.Encode(new FrameHeader { Kind = 7 }, [], 0));
        byte[] second = RawPeer.Encode(new FrameHeader { Kind = change == "notice" ? -2 : 7, B = 1 }, new byte[500], change == "twice" ? 0 : 1);
        if (change is "header" or "payload")
        {
            second[change == "header" ? 9 : 300] ^= 0x10;
        }

        peer.Sockets[1].Send(second.AsSpan(0, change == "torn" ? second.Length - 30 : second.Length));
        if (change == "torn")
        {
            peer.Sockets[1].Close();
        }

        Assert.Equal(reason, await peer.Sink.EndAsync());
        Assert.Equal(1, peer.Sink.Arrived);
    }
}
