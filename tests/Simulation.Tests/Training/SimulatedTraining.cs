using Actors.Cpu;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Memory;
using Actors.Runtime.Training.Results;
using Actors.Simulation.Devices;
using Actors.Simulation.Tests.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;
using Microsoft.Extensions.Logging;

namespace Actors.Simulation.Tests.Training;

/// <summary>A training run in a simulation: the project's actors, over host whose backend and links take virtual time.</summary>
internal sealed class SimulatedTraining : IDisposable
{
    private readonly SimulatedSystem _system;
    private readonly SimulatedBackend[] _backends;
    private readonly TrainingHost _host;
    private readonly ActorRun _run;
    private readonly SimulatedUser _user;
    private readonly PoisonedBackend[] _poisoned;
    private readonly List<int> _requests = [];

    /// <summary>Makes the actors; nothing has run yet.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="seed">Decides all.</param>
    /// <param name="costs">How long work takes; null: as the seed draws.</param>
    /// <param name="wrapLink">Lays something over each link; null: nothing.</param>
    /// <param name="stallTimeout">The watch's; null: it doesn't watch, and a run that stands still runs dry.</param>
    /// <param name="ordersStreams">Whether stages run ahead of their device, as they do of a GPU.</param>
    /// <param name="prepare">Changes fresh values; null: nothing.</param>
    /// <param name="loggers">Where the run logs; null: nowhere.</param>
    /// <param name="precision">How rows are stored; null: in float32.</param>
    public SimulatedTraining(
        RunPlan plan, ulong seed, Func<SimulationLoop, ICosts>? costs = null, Func<ITensorLink, ITensorLink>? wrapLink = null,
        TimeSpan? stallTimeout = null, bool ordersStreams = false, Action<TrainingHost>? prepare = null, ILoggerFactory? loggers = null,
        Precision? precision = null)
    {
        Loop = new SimulationLoop(seed);
        ICosts table = costs?.Invoke(Loop) ?? new DrawnCosts(Loop);
        var time = new VirtualTime(Loop);
        Time = time;
        _system = new SimulatedSystem(Loop);
        _poisoned = [.. Enumerable.Range(0, ordersStreams ? plan.Devices : 0).Select(_ => new PoisonedBackend(Models.Backend(precision)))];
        _backends = [.. Enumerable.Range(0, plan.Devices).Select(device =>
            new SimulatedBackend(ordersStreams ? _poisoned[device] : Models.Backend(precision), Loop, table, ordersStreams))];
        _host = new TrainingHost(plan, new RunDevices(_backends, _ => MakeLink()), time, loggers is null ? null : new Telemetry { Loggers = loggers });
        TrainingRuns.Initialize(_host);
        prepare?.Invoke(_host);
        _run = ActorRun.Start(_system.System, _host, TrainingRuns.Options(time, stallTimeout ?? Timeout.InfiniteTimeSpan));
        _user = _system.User("user");

        ITensorLink MakeLink()
        {
            var link = new SimulatedLink(new HostLink(), Loop, table);
            return wrapLink is null ? link : wrapLink(link);
        }
    }

    public SimulationLoop Loop { get; }

    /// <summary>The run's clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>What all ranks have traced, as the run hands it out.</summary>
    public RunTrace RunTrace =>
        new(_host.Plan, [.. Enumerable.Range(0, _host.Plan.Ranks).Select(rank => new RankTrace([.. TraceOf(rank)], Dropped: 0))]);

    /// <summary>What all ranks have traced.</summary>
    public IEnumerable<TraceEvent> Trace => Enumerable.Range(0, _host.Plan.Ranks).SelectMany(TraceOf);

    /// <summary>The steps that have ended.</summary>
    public StepCompleted[] Steps => [.. _user.Messages.OfType<StepCompleted>()];

    /// <summary>How often memory had been asked for at each step's end, of a device that orders streams.</summary>
    public IReadOnlyList<int> MemoryRequests => _requests;

    /// <summary>Bytes of each device that were asked for, where devices order streams.</summary>
    public IReadOnlyList<long> DeviceBytes => [.. _poisoned.Select(device => device.Bytes)];

    /// <summary>What the run has taken at most, by rank and domain.</summary>
    public MemoryTable MemoryTaken => _host.MemoryTaken();

    /// <summary>What a channel has moved, or its rank by its stream.</summary>
    public TrafficCounters Traffic(int rank, int channel) => _host.Traffic(rank, channel);

    /// <summary>Trains some steps, and looks at the end of each whether anything was left behind.</summary>
    public TrainingOutcome Train(int steps)
    {
        _user.Tell(_run.Coordinator, new Train(steps, CheckpointEverySteps: 0));
        for (int step = 1; step <= steps; step++)
        {
            _system.RunUntil(() => Steps.Length == step || _user.Has<RunFailed>());
            AssertNothingFailed();
            AssertNothingWaits();
            _requests.Add(_poisoned.Sum(device => device.Requests));
        }

        _system.RunUntil(_user.Has<TrainingEnded>);
        ulong trace = Loop.Trace;
        Assert.Equal(steps, Steps.Length);
        TrainingOutcome outcome = TrainingRuns.Outcome(Steps, _host, trace);
        _system.RunDry();
        return outcome;
    }

    /// <summary>Runs a batch without changing the model.</summary>
    /// <returns>Its mean loss.</returns>
    public double Run(RunBatch batch)
    {
        SimulatedUser user = _system.User($"user-{Loop.Now}");
        user.Tell(_run.Coordinator, batch);
        _system.RunUntil(() => user.Has<BatchCompleted>() || user.Has<RunFailed>());
        Assert.True(!user.Has<RunFailed>(), user.Messages.OfType<RunFailed>().FirstOrDefault()?.Reason);
        return user.Messages.OfType<BatchCompleted>().Single().Loss;
    }

    /// <summary>Trains until the run fails.</summary>
    public RunFailed TrainUntilFailure()
    {
        _user.Tell(_run.Coordinator, new Train(1, CheckpointEverySteps: 0));
        _system.RunUntil(_user.Has<RunFailed>);
        return _user.Messages.OfType<RunFailed>().Single();
    }

    public void Dispose()
    {
        _system.Dispose();
        _host.Dispose();
        Array.ForEach(_backends, backend => backend.Dispose());
    }

    private List<TraceEvent> TraceOf(int rank)
    {
        var events = new List<TraceEvent>();
        EventsRead read;
        do
        {
            SimulatedUser reader = _system.User($"reader-{rank}-{events.Count}");
            reader.Tell(_run.Coordinator, new ReadTrace(rank, events.Count));
            _system.RunUntil(reader.Has<EventsRead>);
            read = reader.Messages.OfType<EventsRead>().Single();
            events.AddRange(read.Events);
        }
        while (events.Count < read.Kept);
        return events;
    }

    private void AssertNothingFailed() => Assert.True(!_user.Has<RunFailed>(), _user.Messages.OfType<RunFailed>().FirstOrDefault()?.Reason);

    private void AssertNothingWaits()
    {
        for (int rank = 0; rank < _host.Plan.Ranks; rank++)
        {
            for (int channel = 0; channel < _host.Plan.Fabric.Channels; channel++)
            {
                Assert.Equal(0, _host.Traffic(rank, channel).WaitingExchanges);
            }
        }
    }
}
