using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Dispatch.MessageQueues;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>
/// An actor's messages and the right to run it. A single status word says whether the mailbox is scheduled, how often it
/// is suspended and whether it is closed; who sets the scheduled bit hands the mailbox to the dispatcher, so no
/// two threads ever run one actor, and clearing it publishes the actor's state to the thread that runs it next.
/// </summary>
internal sealed partial class Mailbox : IThreadPoolWorkItem, IRunnable
{
    private const int Idle = 0;
    private const int Scheduled = 1;
    private const int Closed = 2;
    private const int OneSuspension = 4;

    private readonly ActorCell _cell;
    private readonly MessageDispatcher _dispatcher;
    private readonly MessageQueue _queue;
    private EnvelopeDeque? _front; // put in front of the queue by the actor itself
    private SystemMessage? _systemHead; // newest first
    private int _status;

    public Mailbox(ActorCell cell, MessageDispatcher dispatcher, MessageQueue queue)
    {
        _cell = cell;
        _dispatcher = dispatcher;
        _queue = queue;
        _systemHead = new Create(); // in place before anyone can send, so no message meets an actor that is not there
    }

    public bool IsClosed => (Volatile.Read(ref _status) & Closed) != 0;

    public bool IsSuspended => Volatile.Read(ref _status) >= OneSuspension;

    public bool HasUserMessages => _queue.HasMessages || _front is { IsEmpty: false };

    public long MessageCount => _queue.Count + (_front?.Count ?? 0);

    private bool HasSystemMessages => Volatile.Read(ref _systemHead) is { } head && head != SysMsg.Closed.Instance;

    /// <summary>Adds a user message and has the actor run. Taking the place in the queue is a full fence, so either the actor that goes idle sees the message or this call sees it idle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Post(in Envelope envelope)
    {
        if (!_queue.TryEnqueue(envelope))
        {
            Undelivered.Handle(_cell.SystemImpl, envelope.Message, envelope.Sender, _cell.Self);
            return;
        }

        int status = Volatile.Read(ref _status);
        if (status == Idle)
        {
            if (Interlocked.CompareExchange(ref _status, Scheduled, Idle) == Idle)
            {
                _dispatcher.Execute(this, yields: false);
            }
            else if (IsClosed)
            {
                DrainToDeadLetters();
            }
            else
            {
                ScheduleForUserMessages();
            }
        }
        else if ((status & Closed) != 0)
        {
            DrainToDeadLetters();
        }
    }

    /// <summary>Adds a message of the engine, ahead of all user messages.</summary>
    public void PostSystem(SystemMessage message)
    {
        SystemMessage? head = Volatile.Read(ref _systemHead);
        while (true)
        {
            if (head == SysMsg.Closed.Instance)
            {
                Undelivered.HandleSystem(message);
                return;
            }

            message.Next = head;
            SystemMessage? seen = Interlocked.CompareExchange(ref _systemHead, message, head);
            if (seen == head)
            {
                break;
            }

            head = seen;
        }

        TrySchedule(yields: false);
    }

    /// <summary>Holds user messages back, once more. Only the actor itself calls this.</summary>
    public void Suspend() => Interlocked.Add(ref _status, OneSuspension);

    /// <summary>Takes one suspension back; user messages flow when none is left. Only the actor itself calls this.</summary>
    public void Resume()
    {
        if (IsSuspended)
        {
            Interlocked.Add(ref _status, -OneSuspension);
        }
    }

    /// <summary>Puts a message in front of all others. Only the actor itself calls this.</summary>
    public void PutInFront(in Envelope envelope) => (_front ??= new EnvelopeDeque()).AddFirst(envelope);

    /// <summary>Starts the actor's life: schedules the mailbox for the creation message in it.</summary>
    public void Start() => TrySchedule(yields: false);

    /// <summary>Ends the mailbox: what is in it and what comes later goes to the dead letters.</summary>
    public void Close()
    {
        Interlocked.Or(ref _status, Closed);
        _queue.Close();
        SystemMessage? rest = Reversed(Interlocked.Exchange(ref _systemHead, SysMsg.Closed.Instance));
        while (rest is not null)
        {
            SystemMessage? next = rest.Next;
            rest.Next = null;
            Undelivered.HandleSystem(rest);
            rest = next;
        }

        DrainToDeadLetters();
    }

    private void ScheduleForUserMessages()
    {
        if (!IsSuspended && HasUserMessages)
        {
            TrySchedule(yields: false);
        }
    }

    private void TrySchedule(bool yields)
    {
        int status = Volatile.Read(ref _status);
        while ((status & (Closed | Scheduled)) == 0)
        {
            int seen = Interlocked.CompareExchange(ref _status, status | Scheduled, status);
            if (seen == status)
            {
                _dispatcher.Execute(this, yields);
                return;
            }

            status = seen;
        }
    }

    private void DrainToDeadLetters()
    {
        lock (_queue)
        {
            SpinWait spin = default;
            while (HasUserMessages)
            {
                if (TryTake(out Envelope envelope))
                {
                    Undelivered.Handle(_cell.SystemImpl, envelope.Message, envelope.Sender, _cell.Self);
                }
                else
                {
                    spin.SpinOnce(); // a sender has its place and is about to fill it
                }
            }
        }
    }

    private bool TryTake(out Envelope envelope) =>
        _front is { IsEmpty: false } front ? front.TryTakeFirst(out envelope) : _queue.TryDequeue(out envelope);

    private static SystemMessage? Reversed(SystemMessage? newestFirst)
    {
        SystemMessage? oldestFirst = null;
        while (newestFirst is not null)
        {
            SystemMessage? next = newestFirst.Next;
            newestFirst.Next = oldestFirst;
            oldestFirst = newestFirst;
            newestFirst = next;
        }

        return oldestFirst;
    }
}
