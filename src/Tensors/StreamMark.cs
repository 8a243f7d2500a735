namespace Actors.Tensors;

/// <summary>
/// A place in a stream's order: <see cref="IStream.Record"/> puts it there, and another stream goes on behind it after <see cref="IStream.Wait"/>. Recorded
/// again it is another place; who waits for it from then on waits for that one. Several threads may wait for it at a time, but not while it is recorded.
/// </summary>
public abstract class StreamMark : IDisposable
{
    /// <summary>Seconds from an earlier mark of the same stream to this one, by the device's clock. Both have a time, and must have been reached.</summary>
    public abstract double SecondsSince(StreamMark earlier);

    /// <summary>Frees the mark; streams that wait for it go on waiting.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the mark.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
