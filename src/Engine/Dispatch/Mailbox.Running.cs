using System.Diagnostics;
using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>One turn of an actor: system messages, then a batch of user messages.</summary>
internal sealed partial class Mailbox
{
    void IThreadPoolWorkItem.Execute() => Run();

    /// <summary>Runs one turn. Only the dispatcher calls this, once for each time that it was handed the mailbox.</summary>
    public void Run()
    {
        ActorCell? outer = ActorCell.Current;
        ActorCell.Current = _cell;
        try
        {
            ProcessSystemMessages();
            ProcessUserMessages();
        }
        finally
        {
            _cell.ClearCurrentMessage();
            ActorCell.Current = outer;
            GoIdle();
        }
    }

    private void GoIdle()
    {
        int status = Interlocked.And(ref _status, ~Scheduled) & ~Scheduled;
        if ((status & Closed) == 0 && (HasSystemMessages || (status < OneSuspension && HasUserMessages)))
        {
            TrySchedule(yields: true);
        }
    }

    private void ProcessUserMessages()
    {
        int left = _dispatcher.Throughput;
        long limit = _dispatcher.DeadlineTimestampTicks;
        long deadline = limit > 0 ? Stopwatch.GetTimestamp() + limit : long.MaxValue;
        while (Volatile.Read(ref _status) == Scheduled && TryTake(out Envelope envelope))
        {
            _cell.Invoke(envelope);
            if (Volatile.Read(ref _systemHead) is not null)
            {
                ProcessSystemMessages();
            }

            if (--left <= 0 || (limit > 0 && Stopwatch.GetTimestamp() >= deadline))
            {
                return;
            }
        }
    }

    private void ProcessSystemMessages()
    {
        while (HasSystemMessages)
        {
            SystemMessage? message = Reversed(Interlocked.Exchange(ref _systemHead, null));
            while (message is not null)
            {
                SystemMessage? next = message.Next;
                message.Next = null;
                if (IsClosed)
                {
                    Undelivered.HandleSystem(message);
                }
                else
                {
                    _cell.InvokeSystem(message);
                }

                message = next;
            }
        }
    }
}
