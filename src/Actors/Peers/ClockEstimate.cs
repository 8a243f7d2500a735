namespace Actors.Runtime.Peers;

/// <summary>
/// What another process's clock shows more than this one's. An answer to a ping shows the other's time at some moment between sending and
/// receiving; taking the middle errs by at most half the round trip, so the shortest of the last round trips decides.
/// </summary>
internal sealed class ClockEstimate
{
    private const int Kept = 64;
    private readonly (long RoundTrip, long Offset)[] _last = new (long, long)[Kept];
    private int _count;
    private long _offset;
    private long _leastRoundTrip = long.MaxValue;

    /// <summary>The other's clock minus this one's, in ticks.</summary>
    public long Offset => Volatile.Read(ref _offset);

    /// <summary>The round trip that decided, in ticks: the offset errs by at most half of it.</summary>
    public long LeastRoundTrip => Volatile.Read(ref _leastRoundTrip);

    /// <summary>Adds one exchange.</summary>
    /// <param name="sent">When the ping left, by this clock.</param>
    /// <param name="answered">When it was answered, by the other clock.</param>
    /// <param name="received">When the answer came, by this clock.</param>
    public void Add(long sent, long answered, long received)
    {
        long roundTrip = received - sent;
        _last[_count++ % Kept] = (roundTrip, answered - (sent + (roundTrip / 2)));
        (long RoundTrip, long Offset) best = _last[0];
        for (int i = 1; i < Math.Min(_count, Kept); i++)
        {
            best = _last[i].RoundTrip < best.RoundTrip ? _last[i] : best;
        }

        Volatile.Write(ref _leastRoundTrip, best.RoundTrip);
        Volatile.Write(ref _offset, best.Offset);
    }
}
