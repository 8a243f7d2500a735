using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Simulation.Tests.Training;

/// <summary>A few steps on Akka's own threads, with the links and streams of one process: what simulated runs are compared with.</summary>
internal static class TrainingRuns
{
    private const ulong WeightSeed = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TrainerOptions Options(TimeProvider time, TimeSpan stallTimeout) => new()
    {
        Optimizer = TestOptimizer.At(1e-2) with { BiasUpdateSpeed = 1e-3, BalanceWeight = 0.01 },
        Batches = new RandomBatches(),
        StallTimeout = stallTimeout,
        Time = time,
    };

    /// <summary>Fresh values, the same in every domain.</summary>
    public static void Initialize(TrainingHost host)
    {
        foreach ((IStream stream, ModelWeights weights) in host.Parts())
        {
            weights.Initialize(stream, WeightSeed);
            weights.Prepare(stream);
        }
    }

    public static TrainingOutcome WithoutSimulation(RunPlan plan, int steps, IBatchSource? batches = null, Action<TrainingHost>? prepare = null, Precision? precision = null)
    {
        using IBackend backend = Models.Backend(precision);
        using var host = new TrainingHost(plan, new RunDevices(backend, () => new HostLink()), TimeProvider.System);
        Initialize(host);
        prepare?.Invoke(host);
        TrainerOptions options = Options(TimeProvider.System, Patience);
        using var system = ActorSystem.Create("real", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        ActorRun run = ActorRun.Start(system, host, options with { Batches = batches ?? options.Batches });
        using Inbox user = Inbox.Create(system);
        user.Send(run.Coordinator, new Train(steps, CheckpointEverySteps: 0));
        var completed = new List<StepCompleted>();
        while (user.Receive(Patience) is StepCompleted step)
        {
            completed.Add(step);
        }

        Assert.Equal(steps, completed.Count);
        system.Terminate().Wait(Patience);
        return Outcome(completed, host);
    }

    public static TrainingOutcome Outcome(IEnumerable<StepCompleted> steps, TrainingHost host, ulong trace = 0)
    {
        StepCompleted[] all = [.. steps];
        return new TrainingOutcome(
            [.. all.Select(step => step.Loss)], [.. all.Select(step => step.GradientNorm)],
            [.. host.Blocks().Select(block => block.Values.AsSpan<float>().ToArray())], trace);
    }
}
