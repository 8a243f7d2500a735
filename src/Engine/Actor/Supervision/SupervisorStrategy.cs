using Akka.Event;

namespace Akka.Actor;

/// <summary>How an actor deals with the failures of its children.</summary>
public abstract class SupervisorStrategy
{
    /// <summary>Stops what could not be made, was killed or broke a death pact, and restarts everything else.</summary>
    public static readonly IDecider DefaultDecider = Actor.Decider.From(
        Directive.Restart,
        Directive.Stop.When<ActorInitializationException>(),
        Directive.Stop.When<ActorKilledException>(),
        Directive.Stop.When<DeathPactException>());

    /// <summary>One for one with <see cref="DefaultDecider"/> and no limit of restarts.</summary>
    public static readonly SupervisorStrategy DefaultStrategy = new OneForOneStrategy(DefaultDecider);

    /// <summary>One for one that stops every failed child.</summary>
    public static readonly OneForOneStrategy StoppingStrategy = new(static _ => Directive.Stop);

    private protected SupervisorStrategy()
    {
    }

    /// <summary>Chooses the directive for a failure.</summary>
    public abstract IDecider Decider { get; }

    /// <summary>Whether failures are logged.</summary>
    protected bool LoggingEnabled { get; set; } = true;

    /// <summary>Most restarts of a child in the time range; negative for no limit.</summary>
    internal abstract int RetryLimit { get; }

    /// <summary>The time range; zero or less for all time.</summary>
    internal abstract TimeSpan RetryRange { get; }

    /// <summary>The children that share the fate of a failed one.</summary>
    internal abstract IReadOnlyList<ChildRestartStats> Concerned(ChildRestartStats failed, IReadOnlyList<ChildRestartStats> all);

    /// <summary>Acts on a failure; false when it must be escalated.</summary>
    internal bool HandleFailure(ActorCell supervisor, ActorRefBase child, Exception cause, ChildRestartStats stats, IReadOnlyList<ChildRestartStats> all)
    {
        Directive directive = Decider.Decide(cause);
        Log(supervisor, child, cause, directive);
        switch (directive)
        {
            case Directive.Resume:
                child.Resume(cause);
                return true;
            case Directive.Restart:
                RestartOrStop(supervisor, cause, child, Concerned(stats, all));
                return true;
            case Directive.Stop:
                StopAll(supervisor, Concerned(stats, all));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Called when a child is gone.</summary>
    internal virtual void HandleChildTerminated(ActorCell supervisor, ActorRefBase child, IReadOnlyList<ActorRefBase> children)
    {
    }

    private static void StopAll(ActorCell supervisor, IReadOnlyList<ChildRestartStats> concerned)
    {
        foreach (ChildRestartStats stats in concerned)
        {
            supervisor.Stop(stats.Child);
        }
    }

    private void RestartOrStop(ActorCell supervisor, Exception cause, ActorRefBase failed, IReadOnlyList<ChildRestartStats> concerned)
    {
        TimeSpan now = supervisor.SystemImpl.Scheduler.MonotonicClock;
        bool allowed = true;
        foreach (ChildRestartStats stats in concerned)
        {
            allowed &= stats.RequestRestartPermission(RetryLimit, RetryRange, now);
        }

        if (!allowed)
        {
            StopAll(supervisor, concerned);
            return;
        }

        foreach (ChildRestartStats stats in concerned)
        {
            if (!stats.Child.Equals(failed))
            {
                stats.Child.Suspend(); // the failed one is suspended already
            }

            stats.Child.Restart(cause);
        }
    }

    private void Log(ActorCell supervisor, ActorRefBase child, Exception cause, Directive directive)
    {
        if (!LoggingEnabled || directive == Directive.Escalate)
        {
            return;
        }

        Exception shown = cause is ActorInitializationException { InnerException: { } inner } ? inner : cause;
        string source = child.Path.ToStringWithAddress();
        supervisor.SystemImpl.EventStream.Publish(directive == Directive.Resume
            ? new Warning(source, GetType(), shown.Message)
            : new Error(cause, source, GetType(), shown.Message));
    }
}
