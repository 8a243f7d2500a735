namespace Akka.Dispatch;

/// <summary>Runs actors on the process's thread pool.</summary>
internal sealed class ThreadPoolDispatcher(string id) : MessageDispatcher(id)
{
    // A worker takes from its own queue, newest first, before it looks at the shared one. That keeps a conversation
    // between two actors on one warm core; every so many times the shared queue is used, so that nobody waits there for ever.
    private const int LocalStreak = 64;

    [ThreadStatic]
    private static int _streak;

    internal override void Execute(Mailbox mailbox, bool yields)
    {
        bool local = !yields && Akka.Actor.ActorCell.Current is not null && ++_streak % LocalStreak != 0;
        ThreadPool.UnsafeQueueUserWorkItem(mailbox, local);
    }

    protected override void ExecuteTask(IRunnable run) =>
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.Run(), run, preferLocal: false);
}
