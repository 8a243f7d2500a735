using Akka.Dispatch;

namespace Akka.Actor.Setup;

/// <summary>
/// Puts someone else in the place of the machine's clock and threads, so that a simulation can run a whole system on one
/// thread in virtual time.
/// </summary>
internal sealed class RuntimeSetup : Setup
{
    /// <summary>The scheduler to use; null for the configured one. The system doesn't end it.</summary>
    public SchedulerBase? Scheduler { get; init; }

    /// <summary>Takes each turn of each actor and runs it, in whatever order; null for the configured dispatchers.</summary>
    public Action<IRunnable>? Execute { get; init; }
}
