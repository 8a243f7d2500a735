using Actors.Tensors;

namespace Actors.Cpu.Scalar;

/// <summary>Runs every operation when it is enqueued; a failure reaches the caller as an exception.</summary>
internal sealed partial class ScalarStream(string name) : IStream
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <summary>Everything before it has run.</summary>
    public void Record(StreamMark mark)
    {
    }

    /// <summary>It has been reached.</summary>
    public void Wait(StreamMark mark)
    {
    }

    /// <inheritdoc/>
    public void BeginRecording() => throw RunsAtOnce();

    /// <inheritdoc/>
    public RecordedWork EndRecording() => throw RunsAtOnce();

    /// <inheritdoc/>
    public void Play(RecordedWork work) => throw RunsAtOnce();

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

    private static NotSupportedException RunsAtOnce() => new("Operations run when they are enqueued: there is nothing to record.");
}
