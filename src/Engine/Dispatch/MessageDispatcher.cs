using System.Diagnostics;

namespace Akka.Dispatch;

/// <summary>Gives actors threads: it runs a mailbox that has messages, a batch at a time.</summary>
public abstract class MessageDispatcher
{
    /// <summary>Most messages that an actor handles before it lets others have its thread, where the configuration says nothing.</summary>
    public const int DefaultThroughput = 100;

    private long? _throughputDeadlineTime;

    private protected MessageDispatcher(string id)
    {
        Id = id;
    }

    /// <summary>The configuration path that describes this dispatcher.</summary>
    public string Id { get; set; }

    /// <summary>Most messages that an actor handles before it lets others have its thread.</summary>
    public int Throughput { get; set; } = DefaultThroughput;

    /// <summary>Longest time of one batch in ticks of 100 ns; null or 0 for no limit.</summary>
    public long? ThroughputDeadlineTime
    {
        get => _throughputDeadlineTime;
        set
        {
            _throughputDeadlineTime = value;
            DeadlineTimestampTicks = value is > 0 ? (long)(value.Value / (double)TimeSpan.TicksPerSecond * Stopwatch.Frequency) : 0;
        }
    }

    /// <summary>The batch's longest time in ticks of <see cref="Stopwatch"/>; 0 for no limit.</summary>
    internal long DeadlineTimestampTicks { get; private set; }

    /// <summary>Runs <paramref name="run"/> on one of the dispatcher's threads.</summary>
    public void Schedule(Action run) => Schedule(new ActionRunnable(run));

    /// <summary>Runs <paramref name="run"/> on one of the dispatcher's threads.</summary>
    public void Schedule(IRunnable run)
    {
        ArgumentNullException.ThrowIfNull(run);
        ExecuteTask(run);
    }

    /// <summary>Runs work that is no mailbox.</summary>
    protected abstract void ExecuteTask(IRunnable run);

    /// <summary>Runs a mailbox for one turn.</summary>
    /// <param name="mailbox">The mailbox, whose scheduled bit the caller has set.</param>
    /// <param name="yields">The mailbox had its turn and comes again: others go first.</param>
    internal abstract void Execute(Mailbox mailbox, bool yields);

    /// <summary>An actor leaves the dispatcher.</summary>
    internal virtual void Detach()
    {
    }

    /// <summary>Ends the dispatcher's own threads, if it has any.</summary>
    internal virtual void Shutdown()
    {
    }
}
