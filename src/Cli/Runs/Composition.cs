using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Gpu;
using Actors.Gpu.Backend;
using Actors.Gpu.Devices;
using Actors.Gpu.Libraries;
using Actors.Gpu.Links;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace Actors.Cli.Runs;

/// <summary>What the composition root chooses: device, link, clock and log.</summary>
internal sealed record Composition
{
    /// <summary>Measures time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes a link between ranks of this process that compute on a device.</summary>
    public Func<IBackend, ITensorLink> MakeLink { get; init; } = static backend => backend is CudaBackend gpu ? new CudaLink(gpu) : new HostLink();

    /// <summary>Where the log's lines go.</summary>
    public TextWriter Log { get; init; } = TextWriter.Null;

    /// <summary>Where a run logs and counts; <see cref="RunTelemetry"/> makes it for each run.</summary>
    public Telemetry Telemetry { get; init; } = Telemetry.None;

    /// <summary>Takes the devices into use that the configuration names. Each of <see cref="BackendSettings.Names"/> has a line here.</summary>
    /// <param name="settings">The configuration.</param>
    /// <param name="trains">Whether steps of the schedule are played, which may put exchanges beside computation.</param>
    /// <exception cref="CudaException">A GPU, or a library that it needs, is missing.</exception>
    public OpenDevices Open(ActorsSettings settings, bool trains = false) => settings.Backend.Name switch
    {
        BackendSettings.Cpu => new OpenDevices([MakeCpu(settings.Training.Precision)], MakeLink),
        BackendSettings.Cuda => OpenGpus(settings.Cuda, settings.Training.Precision, trains && settings.OverlapsExchanges),
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Backend.Name, null),
    };

    /// <summary>The same to serve a model: decoding has no products of FP8, so a model that trains in it serves as its rows are.</summary>
    public OpenDevices OpenForServing(ActorsSettings settings) => Open(settings with
    {
        Training = settings.Training with { Precision = Precision.OfRows(settings.Training.Precision.Rows) },
    });

    private static IBackend MakeCpu(Precision precision) => precision.Rows == ElementType.BFloat16 ? new RoundedBackend(new CpuBackend(), precision) : new CpuBackend();

    private OpenDevices OpenGpus(CudaSettings cuda, Precision precision, bool overlapsExchanges)
    {
        CudaLibraries.UseFolder(cuda.Path);
        GpuMachine machine = GpuMachine.Read();
        IReadOnlyList<GpuDevice> devices = machine.Devices;
        int? multiprocessors = overlapsExchanges && cuda.ExchangeMultiprocessors > 0 ? cuda.ExchangeMultiprocessors : null;
        return cuda.Devices.Max() < devices.Count
            ? new OpenDevices(
                CudaBackend.Open([.. cuda.Devices.Select(number => devices[number])], precision, cuda.IsGeneral, cuda.Kernels, multiprocessors),
                MakeLink,
                machine.ReachEachOther([.. cuda.Devices]))
            : throw new UsageException(
                $"actors.cuda.devices names GPU {cuda.Devices.Max()}, and this machine has {devices.Count}, numbered from 0: see actors devices");
    }

    /// <summary>Starts the actors' system for a plan's ranks; its own log is the run's. A profile's <c>akka</c> section comes first.</summary>
    /// <param name="configuration">The layers.</param>
    /// <param name="dispatcher">How many threads.</param>
    /// <param name="plan">The ranks.</param>
    /// <param name="overlaps">Whether rows move while ranks compute: then threads that do nothing else move them. Serving does one after the other.</param>
    /// <param name="cluster">The cluster whose process it is; null: it is alone.</param>
    public ActorSystem StartSystem(
        LayeredConfiguration configuration, DispatcherSettings dispatcher, RunPlan plan, bool overlaps, ClusterSettings? cluster = null)
    {
        Config merged = configuration.Merged.WithFallback(cluster is null ? Config.Empty : ClusterSystem.For(cluster, joins: true))
            .WithFallback(RankDispatcher.For(plan.Ranks, dispatcher.Threads, dispatcher.ChannelThreads ?? (overlaps ? null : 0)));
        ActorSystemSetup setup = AkkaLog.Setup(merged, Telemetry.Loggers);
        return ActorSystem.Create(ProcessNames.System, cluster is null ? setup : ClusterSystem.WithTls(setup, cluster));
    }
}
