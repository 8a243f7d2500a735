using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>A stream whose operations run one after the other in virtual time.</summary>
internal sealed partial class SimulatedStream : IStream
{
    private readonly SimulatedBackend _device;
    private readonly IStream _inner;
    private readonly DelayedWork _work;
    private readonly ICosts _costs;
    private List<Action>? _recording;

    public SimulatedStream(SimulatedBackend device, IStream inner, DelayedWork work, ICosts costs) =>
        (_device, _inner, _work, _costs) = (device, inner, work, costs);

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public void Record(StreamMark mark)
    {
        RefuseInRecording();
        ((SimulatedMark)mark).Record(_device, _work);
    }

    /// <inheritdoc/>
    public void Wait(StreamMark mark)
    {
        RefuseInRecording();
        ((SimulatedMark)mark).HoldUp(_work);
    }

    /// <inheritdoc/>
    public void BeginRecording()
    {
        RefuseInRecording();
        _recording = [];
    }

    /// <inheritdoc/>
    public RecordedWork EndRecording()
    {
        var recorded = new SimulatedRecording(_recording ?? throw new InvalidOperationException($"Stream {Name} records nothing."));
        _recording = null;
        return recorded;
    }

    /// <inheritdoc/>
    public void Play(RecordedWork work)
    {
        RefuseInRecording();
        foreach (Action give in ((SimulatedRecording)work).Operations)
        {
            give();
        }
    }

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion)
    {
        RefuseInRecording();
        _work.Notify(completion);
    }

    /// <inheritdoc/>
    public void Expect(Tensor tensor)
    {
        // No result depends on it.
    }

    /// <inheritdoc/>
    public void ExpectLinear(Weight weight)
    {
        // Likewise.
    }

    /// <inheritdoc/>
    public void ExpectLinearBackwardInput(Weight weight)
    {
        // Likewise.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.Drop();
        _inner.Dispose();
    }

    private void Run(Operation operation, Tensor result, Action work) => Give(() => _work.AddAfter(_costs.Of(operation, result), work));

    /// <summary>Gives work, or keeps it to be given when the recording is played.</summary>
    private void Give(Action give)
    {
        if (_recording is { } recording)
        {
            recording.Add(give);
        }
        else
        {
            give();
        }
    }

    /// <summary>A device's recording has no place for what depends on other streams or on the host.</summary>
    private void RefuseInRecording()
    {
        if (_recording is not null)
        {
            throw new InvalidOperationException($"Stream {Name} records, and operations of its own alone can be recorded.");
        }
    }
}
