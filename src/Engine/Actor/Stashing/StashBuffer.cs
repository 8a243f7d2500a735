using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>The stash of one actor. It outlives restarts, since its messages go back into the mailbox before one.</summary>
internal sealed class StashBuffer(ActorCell cell, int capacity) : IStash
{
    private readonly EnvelopeDeque _stashed = new();
    private long _lastStashedId = -1;

    public int Count => _stashed.Count;

    public int Capacity => capacity;

    public bool IsEmpty => Count == 0;

    public bool NonEmpty => Count > 0;

    public bool IsFull => capacity > 0 && Count >= capacity;

    public void Stash()
    {
        object message = cell.CurrentMessage
            ?? throw new IllegalActorStateException($"{cell.Self} cannot stash: it handles no message now.");
        if (cell.CurrentEnvelopeId == _lastStashedId)
        {
            throw new IllegalActorStateException($"{cell.Self} cannot stash the same message {message} more than once.");
        }

        if (IsFull)
        {
            throw new StashOverflowException($"{cell.Self} cannot stash {message}: its stash holds {capacity} messages, the limit; raise stash-capacity.");
        }

        _lastStashedId = cell.CurrentEnvelopeId;
        _stashed.AddLast(new Envelope(message, cell.SenderOrNull));
    }

    public void Unstash()
    {
        if (_stashed.TryTakeFirst(out Envelope envelope))
        {
            PutBack(envelope);
        }
    }

    public void UnstashAll()
    {
        while (_stashed.TryTakeLast(out Envelope envelope))
        {
            PutBack(envelope);
        }
    }

    public void UnstashAll(Func<Envelope, bool> predicate)
    {
        while (_stashed.TryTakeLast(out Envelope envelope))
        {
            if (predicate(envelope))
            {
                PutBack(envelope);
            }
        }
    }

    public IEnumerable<Envelope> ClearStash()
    {
        List<Envelope> taken = new(Count);
        while (_stashed.TryTakeFirst(out Envelope envelope))
        {
            taken.Add(envelope);
        }

        return taken;
    }

    public void Prepend(IEnumerable<Envelope> envelopes)
    {
        List<Envelope> inOrder = [.. envelopes];
        for (int i = inOrder.Count - 1; i >= 0; i--)
        {
            _stashed.AddFirst(inOrder[i]);
        }
    }

    private void PutBack(in Envelope envelope)
    {
        cell.Mailbox.PutInFront(envelope);
        if (envelope.Message is Terminated terminated)
        {
            cell.TerminatedRequeued(terminated);
        }
    }
}
