using Actors.Runtime.Peers;

namespace Actors.Runtime.Tests.Peers;

/// <summary>Times that cross a link are those of the receiver's clock.</summary>
public sealed class LinkClocks
{
    private const long Shift = 5_000_000_000_000;

    [Fact]
    public void The_shortest_round_trip_decides()
    {
        var clock = new ClockEstimate();
        clock.Add(sent: 100, answered: 1190, received: 300);
        clock.Add(sent: 400, answered: 1410, received: 420);
        clock.Add(sent: 500, answered: 1990, received: 900);
        Assert.Equal((1000, 20), (clock.Offset, clock.LeastRoundTrip));
    }

    [Fact]
    public void Old_round_trips_are_forgotten()
    {
        var clock = new ClockEstimate();
        clock.Add(sent: 100, answered: 1101, received: 102);
        for (int i = 0; i < 64; i++)
        {
            clock.Add(sent: 1000, answered: 2055, received: 1010);
        }

        Assert.Equal(1050, clock.Offset);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_offset_of_clocks_is_found_to_half_a_round_trip(bool listenerIsAhead)
    {
        var ahead = new ShiftedTime();
        using LinkPair pair = await LinkPair.OpenAsync(setup: new LinkPair.Setup
        {
            ListenerTime = listenerIsAhead ? ahead : TimeProvider.System,
            ConnectorTime = listenerIsAhead ? TimeProvider.System : ahead,
        });
        long sent = (listenerIsAhead ? TimeProvider.System : ahead).GetTimestamp();
        pair.Connected.Send(PeerLink.ControlLane, new FrameHeader { Kind = 7, Epoch = 3, Target = -5, D = int.MinValue, E = int.MaxValue, Time = sent });
        await pair.ListenerSink.WaitForAsync(1);

        Near(pair.Connected, listenerIsAhead ? Shift : -Shift);
        Near(pair.Accepted, listenerIsAhead ? -Shift : Shift);
        long error = pair.ListenerSink.Last.Time - (sent + (listenerIsAhead ? Shift : -Shift));

        // The frame's time was converted by an earlier estimate, at worst the handshake's.
        Assert.InRange(error, -TimeProvider.System.TimestampFrequency * 30, TimeProvider.System.TimestampFrequency * 30);

        static void Near(PeerLink link, long offset)
        {
            long half = (((FramedLink)link).LeastRoundTrip / 2) + 1;
            Assert.InRange(link.ClockOffset, offset - half, offset + half);
        }
    }

    private sealed class ShiftedTime : TimeProvider
    {
        public override long GetTimestamp() => base.GetTimestamp() + Shift;
    }
}
