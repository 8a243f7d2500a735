using Actors.Tensors.Operations;

namespace Actors.Tensors;

/// <summary>
/// A queue of operations on one device. Every call enqueues and returns; results may be read once a completion enqueued
/// after them has come. The CPU completes at once. Shapes are checked when enqueuing: a mismatch throws
/// <see cref="TensorShapeException"/> naming operation, tensor and both shapes. No operation may alias an output with an
/// input unless its documentation says so.
/// </summary>
public interface IStream :
    IFusedOperations,
    IExchangeOperations,
    IFlagExchangeOperations,
    IFusedQuantizedOperations,
    ILossOperations,
    ISamplingOperations,
    IOptimizerOperations,
    IExpectations,
    IDisposable
{
    /// <summary>Name given at creation.</summary>
    string Name { get; }

    /// <summary>Puts a mark behind everything that was enqueued before.</summary>
    void Record(StreamMark mark);

    /// <summary>Enqueues to wait until a mark of another stream has been reached, as it was last recorded. No thread waits.</summary>
    void Wait(StreamMark mark);

    /// <summary>
    /// From here on operations are recorded, not run. What they name must live as long as the recording; none may copy from or to the host, and no mark or
    /// completion may be enqueued. Where <see cref="IBackend.OrdersStreams"/> alone.
    /// </summary>
    void BeginRecording();

    /// <summary>Ends what <see cref="BeginRecording"/> began.</summary>
    RecordedWork EndRecording();

    /// <summary>Enqueues all operations of a recording of this stream in one call.</summary>
    void Play(RecordedWork work);

    /// <summary>Calls <paramref name="completion"/> once, when everything enqueued before it has run or failed.</summary>
    void Notify(IStreamCompletion completion);
}

/// <summary>Receives the end of enqueued work. Called on a thread of the backend's choice: hand over and return.</summary>
public interface IStreamCompletion
{
    /// <summary>The work before this completion has ended.</summary>
    /// <param name="failure">Null on success, else the first failure of the stream.</param>
    void Completed(Exception? failure);
}
