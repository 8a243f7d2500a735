using System.Collections.Concurrent;

namespace Akka.Dispatch;

/// <summary>Runs actors on threads of its own: one for a pinned actor, a fixed number for a shared pool.</summary>
internal sealed class DedicatedThreadsDispatcher : MessageDispatcher
{
    private readonly BlockingCollection<IRunnable> _work = [];
    private readonly bool _endsWithItsActor;

    /// <param name="id">The dispatcher's configuration path; names the threads too.</param>
    /// <param name="threads">Number of threads.</param>
    /// <param name="endsWithItsActor">Whether the threads serve a single actor and end when it does.</param>
    public DedicatedThreadsDispatcher(string id, int threads, bool endsWithItsActor)
        : base(id)
    {
        _endsWithItsActor = endsWithItsActor;
        for (int i = 0; i < threads; i++)
        {
            new Thread(RunLoop) { IsBackground = true, Name = $"{id}-{i}" }.Start();
        }
    }

    internal override void Execute(Mailbox mailbox, bool yields) => ExecuteTask(mailbox);

    internal override void Detach()
    {
        if (_endsWithItsActor)
        {
            Shutdown();
        }
    }

    internal override void Shutdown() => _work.CompleteAdding();

    protected override void ExecuteTask(IRunnable run)
    {
        if (!_work.IsAddingCompleted)
        {
            _work.Add(run);
        }
    }

    private void RunLoop()
    {
        foreach (IRunnable run in _work.GetConsumingEnumerable())
        {
            run.Run();
        }
    }
}
