using Actors.Tensors;

namespace Actors.Cpu.Scalar;

/// <summary>Runs every operation when it is enqueued; a failure reaches the caller as an exception.</summary>
internal sealed partial class ScalarStream(string name) : IStream
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        completion.Completed(failure: null);
    }

    /// <summary>Nothing to free.</summary>
    public void Dispose()
    {
    }
}
