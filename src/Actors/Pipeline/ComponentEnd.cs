using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline;

/// <summary>The end of a component's work on the stream: at once on the CPU, else a message to the stage.</summary>
/// <param name="stage">The stage.</param>
internal sealed class ComponentEnd(IActorRef stage) : IStreamCompletion
{
    private static readonly ComponentComputed Computed = new();
    private int _callingThread;
    private bool _finished;

    /// <summary>Whether the work had already run; if not, a message follows.</summary>
    public bool TryFinish(IStream stream)
    {
        _callingThread = Environment.CurrentManagedThreadId;
        _finished = false;
        stream.Notify(this);
        _callingThread = 0;
        return _finished;
    }

    public void Completed(Exception? failure)
    {
        if (failure is not null)
        {
            stage.Tell(new ComputeFailed(failure.Message), stage);
        }
        else if (_callingThread == Environment.CurrentManagedThreadId)
        {
            _finished = true;
        }
        else
        {
            stage.Tell(Computed, stage);
        }
    }

    /// <summary>The component has been computed.</summary>
    internal sealed record ComponentComputed : INoSerializationVerificationNeeded;
}
