using Actors.Tensors;

namespace Actors.Cpu.Scalar;

/// <summary>Runs every operation when it is enqueued; a failure reaches the caller as an exception.</summary>
internal sealed partial class ScalarStream(string name) : HostStream(name), IStream
{
    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        completion.Completed(failure: null);
    }

    /// <summary>Nothing is fetched ahead.</summary>
    public void Expect(Tensor tensor)
    {
    }

    /// <summary>Nothing is fetched ahead.</summary>
    public void ExpectLinear(Weight weight)
    {
    }

    /// <summary>Nothing is fetched ahead.</summary>
    public void ExpectLinearBackwardInput(Weight weight)
    {
    }

    /// <summary>Nothing to free.</summary>
    public void Dispose()
    {
    }
}
