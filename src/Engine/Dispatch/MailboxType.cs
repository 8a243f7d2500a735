using Akka.Dispatch.MessageQueues;

namespace Akka.Dispatch;

/// <summary>Makes the queues of a configured kind of mailbox.</summary>
/// <param name="Capacity">Most messages; null for no limit.</param>
/// <param name="PushTimeout">How long a sender waits for room.</param>
/// <param name="StashCapacity">Most stashed messages; -1 for no limit.</param>
internal sealed record MailboxType(int? Capacity, TimeSpan PushTimeout, int StashCapacity)
{
    public MessageQueue CreateQueue() => Capacity is { } capacity ? new BoundedMessageQueue(capacity, PushTimeout) : new UnboundedMessageQueue();
}
