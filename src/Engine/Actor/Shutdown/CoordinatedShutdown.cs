using System.Collections.Concurrent;
using Akka.Actor.Internal;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// Ends a system in phases: the tasks of a phase run at the same time, the next phase begins when they are over or their
/// time is. It runs once, whoever asks.
/// </summary>
public sealed partial class CoordinatedShutdown : IExtension
{
    /// <summary>Before the node leaves its services.</summary>
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";

    /// <summary>No new requests are taken.</summary>
    public const string PhaseServiceUnbind = "service-unbind";

    /// <summary>Requests in progress are finished.</summary>
    public const string PhaseServiceRequestsDone = "service-requests-done";

    /// <summary>Services end.</summary>
    public const string PhaseServiceStop = "service-stop";

    /// <summary>Before the node leaves its cluster.</summary>
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";

    /// <summary>Shard regions hand over.</summary>
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";

    /// <summary>The node says that it leaves.</summary>
    public const string PhaseClusterLeave = "cluster-leave";

    /// <summary>Singletons hand over.</summary>
    public const string PhaseClusterExiting = "cluster-exiting";

    /// <summary>The node's leaving is complete.</summary>
    public const string PhaseClusterExitingDone = "cluster-exiting-done";

    /// <summary>The node's part in the cluster ends.</summary>
    public const string PhaseClusterShutdown = "cluster-shutdown";

    /// <summary>Before the actors end.</summary>
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";

    /// <summary>The actors end.</summary>
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    private readonly List<ShutdownPhase> _phases;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<NamedTask>> _tasks = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<Done> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILoggingAdapter _log;
    private Reason? _reason;

    internal CoordinatedShutdown(ActorSystemImpl system)
    {
        System = system;
        _phases = ShutdownPhases.Read(system.Settings.Config);
        _log = Logging.GetLogger(system, this);
        if (system.Settings.CoordinatedShutdownTerminateActorSystem)
        {
            AddTask(PhaseActorSystemTerminate, "terminate-system", async () =>
            {
                await system.FinalTerminate().ConfigureAwait(false);
                return Done.Instance;
            });
        }
    }

    /// <summary>The system that this ends.</summary>
    public ExtendedActorSystem System { get; }

    /// <summary>Why the system ends; null until it does.</summary>
    public Reason? ShutdownReason => Volatile.Read(ref _reason);

    /// <summary>The sum of the times of the phases that have tasks.</summary>
    public TimeSpan TotalTimeout
    {
        get
        {
            TimeSpan total = TimeSpan.Zero;
            foreach (string phase in _tasks.Keys)
            {
                total += Timeout(phase);
            }

            return total;
        }
    }

    /// <summary>The coordinated shutdown of a system.</summary>
    public static CoordinatedShutdown Get(ActorSystem sys) => (CoordinatedShutdown)sys.RegisterExtension(new CoordinatedShutdownExtension());

    /// <summary>Adds a task to a phase. In the phase that runs, or one that is over, it is not run.</summary>
    /// <exception cref="ArgumentException">There is no such phase.</exception>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        ArgumentException.ThrowIfNullOrEmpty(taskName);
        ArgumentNullException.ThrowIfNull(task);
        Known(phase);
        _tasks.GetOrAdd(phase, static _ => new ConcurrentQueue<NamedTask>()).Enqueue(new NamedTask(taskName, task));
    }

    /// <summary>How long the tasks of a phase may take.</summary>
    /// <exception cref="ArgumentException">There is no such phase.</exception>
    public TimeSpan Timeout(string phase) => Known(phase).Timeout;

    /// <summary>Runs the phases, unless they run already.</summary>
    /// <param name="reason">Why the system ends.</param>
    /// <param name="fromPhase">The phase to begin with; null for the first.</param>
    /// <returns>A task that is over when the last phase is.</returns>
    public Task<Done> Run(Reason reason, string? fromPhase = null)
    {
        ArgumentNullException.ThrowIfNull(reason);
        int first = fromPhase is null ? 0 : _phases.IndexOf(Known(fromPhase));
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _ = RunPhases(first);
        }

        return _over.Task;
    }

    private ShutdownPhase Known(string phase) => _phases.Find(known => known.Name == phase)
        ?? throw new ArgumentException($"No shutdown phase '{phase}': add it to akka.coordinated-shutdown.phases, or correct the name.", nameof(phase));

    private async Task RunPhases(int first)
    {
        try
        {
            for (int i = first; i < _phases.Count; i++)
            {
                if (_tasks.TryGetValue(_phases[i].Name, out ConcurrentQueue<NamedTask>? tasks))
                {
                    await RunPhase(_phases[i], [.. tasks]).ConfigureAwait(false);
                }
            }

            _over.TrySetResult(Done.Instance);
        }
        catch (Exception failure)
        {
            _log.Error(failure, "The coordinated shutdown ended early: {0}", failure.Message);
            _over.TrySetException(failure);
        }
    }

    private async Task RunPhase(ShutdownPhase phase, NamedTask[] tasks)
    {
        _log.Debug("Shutdown phase {0} with {1} tasks", phase.Name, tasks.Length);
        TaskCompletionSource alarm = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using Cancelable alarmOff = new(System.Scheduler);
        System.Scheduler.Advanced.ScheduleOnce(phase.Timeout, () => alarm.TrySetResult(), alarmOff);
        Task all = Task.WhenAll(Array.ConvertAll(tasks, task => RunTask(phase, task)));
        if (await Task.WhenAny(all, alarm.Task).ConfigureAwait(false) == all)
        {
            alarmOff.Cancel();
            await all.ConfigureAwait(false);
        }
        else if (phase.Recover)
        {
            _log.Warning("Shutdown phase {0} is not over within {1}, the next one begins", phase.Name, phase.Timeout);
        }
        else
        {
            throw new TimeoutException($"Shutdown phase {phase.Name} is not over within {phase.Timeout}.");
        }
    }

    private async Task RunTask(ShutdownPhase phase, NamedTask task)
    {
        try
        {
            await task.Run().ConfigureAwait(false);
        }
        catch (Exception failure) when (phase.Recover)
        {
            _log.Warning(failure, "Task {0} of shutdown phase {1} failed: {2}", task.Name, phase.Name, failure.Message);
        }
    }

    private readonly record struct NamedTask(string Name, Func<Task<Done>> Run);
}

/// <summary>Names the coordinated shutdown of a system.</summary>
public sealed class CoordinatedShutdownExtension : ExtensionIdProvider<CoordinatedShutdown>
{
    /// <inheritdoc/>
    public override CoordinatedShutdown CreateExtension(ExtendedActorSystem system) => new((ActorSystemImpl)system);
}
