namespace Akka.Actor;

/// <summary>Applies the directive to all children when one fails.</summary>
public class AllForOneStrategy : SupervisorStrategy
{
    /// <summary>Creates a strategy.</summary>
    /// <param name="maxNrOfRetries">Most restarts within the time range; -1 or null for no limit, 0 for none. One more stops the child.</param>
    /// <param name="withinTimeRange">The time range; null for all time.</param>
    /// <param name="localOnlyDecider">Chooses the directive for a failure.</param>
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider)
        : this(maxNrOfRetries, withinTimeRange, Actor.Decider.From(localOnlyDecider))
    {
    }

    /// <summary>Creates a strategy.</summary>
    /// <param name="maxNrOfRetries">Most restarts within the time range; -1 or null for no limit, 0 for none. One more stops the child.</param>
    /// <param name="withinTimeRange">The time range; null for all time.</param>
    /// <param name="decider">Chooses the directive for a failure.</param>
    public AllForOneStrategy(int? maxNrOfRetries, TimeSpan? withinTimeRange, IDecider decider)
        : this(maxNrOfRetries ?? -1, (int)(withinTimeRange ?? Timeout.InfiniteTimeSpan).TotalMilliseconds, decider)
    {
    }

    /// <summary>Creates a strategy.</summary>
    /// <param name="maxNrOfRetries">Most restarts within the time range; -1 for no limit, 0 for none. One more stops the child.</param>
    /// <param name="withinTimeMilliseconds">The time range; -1 for all time.</param>
    /// <param name="localOnlyDecider">Chooses the directive for a failure.</param>
    /// <param name="loggingEnabled">Whether failures are logged.</param>
    public AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : this(maxNrOfRetries, withinTimeMilliseconds, Actor.Decider.From(localOnlyDecider), loggingEnabled)
    {
    }

    /// <summary>Creates a strategy.</summary>
    /// <param name="maxNrOfRetries">Most restarts within the time range; -1 for no limit, 0 for none. One more stops the child.</param>
    /// <param name="withinTimeMilliseconds">The time range; -1 for all time.</param>
    /// <param name="decider">Chooses the directive for a failure.</param>
    /// <param name="loggingEnabled">Whether failures are logged.</param>
    public AllForOneStrategy(int maxNrOfRetries, int withinTimeMilliseconds, IDecider decider, bool loggingEnabled = true)
    {
        ArgumentNullException.ThrowIfNull(decider);
        MaxNumberOfRetries = maxNrOfRetries;
        WithinTimeRangeMilliseconds = withinTimeMilliseconds;
        Decider = decider;
        LoggingEnabled = loggingEnabled;
    }

    /// <summary>Creates a strategy without a limit of restarts.</summary>
    public AllForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, -1, localOnlyDecider)
    {
    }

    /// <summary>Creates a strategy without a limit of restarts.</summary>
    public AllForOneStrategy(IDecider decider)
        : this(-1, -1, decider)
    {
    }

    /// <inheritdoc/>
    public override IDecider Decider { get; }

    /// <summary>Most restarts of a child within the time range; -1 for no limit.</summary>
    public int MaxNumberOfRetries { get; }

    /// <summary>The time range in milliseconds; -1 for all time.</summary>
    public int WithinTimeRangeMilliseconds { get; }

    internal override int RetryLimit => MaxNumberOfRetries;

    internal override TimeSpan RetryRange => TimeSpan.FromMilliseconds(WithinTimeRangeMilliseconds);

    internal override IReadOnlyList<ChildRestartStats> Concerned(ChildRestartStats failed, IReadOnlyList<ChildRestartStats> all) => all;
}
