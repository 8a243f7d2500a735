namespace Actors.Tensors;

/// <summary>
/// Flags by which ranks wait for each other within operations, <see cref="Operations.IFlagExchangeOperations"/>: numbers in each rank's memory that the other
/// ranks write. A flag holds the number of the exchange that it was last written in, counted on the device, so recorded operations wait for the right one however
/// often they are played. Where operations run at once nobody waits.
/// </summary>
/// <param name="ranks">Ranks of the group.</param>
/// <param name="tokens">Most tokens of a rank in an exchange.</param>
/// <param name="limit">Longest wait for a rank; infinite: as long as the device can count.</param>
public abstract class ExchangeFlags(int ranks, int tokens, TimeSpan limit) : IDisposable
{
    /// <summary>Ranks of the group.</summary>
    public int Ranks { get; } = ranks;

    /// <summary>Most tokens of a rank in an exchange: rank s has rows s · Tokens .. (s + 1) · Tokens − 1 of each window.</summary>
    public int Tokens { get; } = tokens;

    /// <summary>Longest wait for a rank.</summary>
    public TimeSpan Limit { get; } = limit;

    /// <summary>
    /// The first wait that has lasted longer than the limit; null: none has. What was enqueued has then ended, as all waits of the group do, with results that mean
    /// nothing. Read behind a completion of one's own stream.
    /// </summary>
    public abstract FlagTimeout? Failure { get; }

    /// <summary>
    /// Forgets all exchanges of a rank, and a failure. No rank has an operation of the flags under way, and none enqueues one before the resets of all ranks have run.
    /// </summary>
    /// <param name="stream">The rank's stream.</param>
    /// <param name="rank">The rank.</param>
    public abstract void Reset(IStream stream, int rank);

    /// <summary>Frees the flags; nobody uses them any more.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the flags.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
