namespace Akka.Dispatch;

/// <summary>
/// Hands every turn of every actor to someone else, who decides when and in which order they run: a simulation steps
/// through them on one thread.
/// </summary>
internal sealed class ExternalDispatcher(string id, Action<IRunnable> execute) : MessageDispatcher(id)
{
    internal override void Execute(Mailbox mailbox, bool yields) => execute(mailbox);

    protected override void ExecuteTask(IRunnable run) => execute(run);
}
