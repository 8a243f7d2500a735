namespace Akka.Actor;

/// <summary>Messages that an actor sets aside until it can handle them.</summary>
public interface IStash
{
    /// <summary>How many messages are set aside.</summary>
    int Count { get; }

    /// <summary>Most messages at once; -1 for no limit.</summary>
    int Capacity { get; }

    /// <summary>Whether nothing is set aside.</summary>
    bool IsEmpty { get; }

    /// <summary>Whether something is set aside.</summary>
    bool NonEmpty { get; }

    /// <summary>Whether the limit is reached.</summary>
    bool IsFull { get; }

    /// <summary>Sets the current message aside.</summary>
    /// <exception cref="IllegalActorStateException">It is set aside already.</exception>
    /// <exception cref="StashOverflowException">The stash is full.</exception>
    void Stash();

    /// <summary>Puts the oldest message back in front of the mailbox.</summary>
    void Unstash();

    /// <summary>Puts all messages back in front of the mailbox, in their order.</summary>
    void UnstashAll();

    /// <summary>Puts those messages back that the predicate takes, and forgets the others.</summary>
    void UnstashAll(Func<Envelope, bool> predicate);

    /// <summary>Takes all messages out.</summary>
    IEnumerable<Envelope> ClearStash();

    /// <summary>Sets messages aside in front of those that are already.</summary>
    void Prepend(IEnumerable<Envelope> envelopes);
}
