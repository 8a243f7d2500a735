using Akka.Actor;

namespace Akka.Dispatch.MessageQueues;

/// <summary>Where an actor's user messages wait: any thread adds, only the thread that runs the actor takes.</summary>
internal abstract class MessageQueue
{
    /// <summary>
    /// Whether a message was added that has not been taken. True already while its sender is still writing it, so that
    /// a consumer that goes idle after a false answer can rely on the sender to see it idle.
    /// </summary>
    public abstract bool HasMessages { get; }

    /// <summary>How many messages wait, exact when nobody adds or takes.</summary>
    public abstract long Count { get; }

    /// <summary>Adds a message; false when there is no room.</summary>
    public abstract bool TryEnqueue(in Envelope envelope);

    /// <summary>Takes the oldest message; false when there is none or its sender is still writing it.</summary>
    public abstract bool TryDequeue(out Envelope envelope);

    /// <summary>Lets senders that wait for room go: there will be none.</summary>
    public virtual void Close()
    {
    }
}
