using System.Diagnostics;
using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Routing;
using Actors.LoadTests.Routing.Devices;
using Actors.Simulation.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.LoadTests.Tests.Routing;

/// <summary>The scenario's ranks on simulated devices, in an order of turns and with times of operations that a seed draws.</summary>
internal sealed class DeviceRouting : IDisposable
{
    private readonly SimulatedSystem _system;
    private readonly IActorRef _coordinator;

    public DeviceRouting(RoutingOptions options, ulong seed, bool releasesFlags = true)
    {
        var loop = new SimulationLoop(seed);
        var costs = new DrawnCosts(loop);
        _system = new SimulatedSystem(loop);
        Plane = new DevicePlane(options, [.. Enumerable.Range(0, options.Gpus).Select(_ =>
            new SimulatedBackend(new PoisonedDevice(Host(options.RowType)), loop, costs, ordersStreams: true) { ReleasesFlags = releasesFlags })]);
        Group = new RoutingGroup(Plane, _system.System);
        _system.RunUntil(() => Group.IsReady);
        IReadOnlyList<IActorRef> stages = Group.Stages;
        _coordinator = Group.Add(Props.Create(() => new CoordinatorActor(stages, stages.Count, options.UnderWay)));
    }

    public DevicePlane Plane { get; }

    public RoutingGroup Group { get; }

    /// <summary>The CPU in a precision.</summary>
    public static IBackend Host(ElementType rows) => rows == ElementType.BFloat16 ? new RoundedBackend(new CpuBackend()) : new CpuBackend();

    /// <summary>Plays exchanges, as many under way as there may be.</summary>
    /// <returns>Exchanges that have ended.</returns>
    public long Play(int exchanges)
    {
        var done = new TaskCompletionSource<Played>();
        _coordinator.Tell(new Inject(Plane.Options.UnderWay, long.MaxValue, new LatencyHistogram(), done), ActorRefs.NoSender);
        for (int i = 0; i < exchanges; i++)
        {
            _coordinator.Tell(new Injected(Stopwatch.GetTimestamp()), ActorRefs.NoSender);
        }

        _coordinator.Tell(new EndInjection(), ActorRefs.NoSender);
        _system.RunUntil(() => done.Task.IsCompleted || Group.Failure.IsCompleted);
        return Group.Failure.IsCompleted ? throw Group.Failure.Exception!.InnerException! : done.Task.Result.Exchanges;
    }

    public void Dispose()
    {
        _system.Dispose();
        Plane.Dispose();
    }

    /// <summary>Fresh memory holds NaN in each type of rows, and indices that no tensor has.</summary>
    private sealed class PoisonedDevice(IBackend inner) : Actors.Tests.Support.WrappedBackend(inner)
    {
        private const int Poison = 0x7FFF_FFFF;

        public override DeviceBuffer Allocate(long bytes)
        {
            DeviceBuffer buffer = base.Allocate(bytes);
            int elements = checked((int)(bytes / sizeof(int)));
            new Tensor(buffer, 0, 1, elements, elements, ElementType.Int32).AsSpan<int>().Fill(Poison);
            return buffer;
        }
    }
}
