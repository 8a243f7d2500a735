namespace Actors.Tensors;

/// <summary>Operations of one stream that are enqueued again in one call: a step whose shapes and memory are those of an earlier one.</summary>
public abstract class RecordedWork : IDisposable
{
    /// <summary>Frees the recording; it must have run wherever it was enqueued.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the recording.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
