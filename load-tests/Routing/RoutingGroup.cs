using System.Diagnostics;
using Actors.Cpu;
using Actors.LoadTests.Measuring;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Experts;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>The group's actors in one actor system.</summary>
internal sealed class RoutingGroup : IDisposable
{
    private readonly ActorSystem _system;
    private readonly RoutingPlane _plane;
    private readonly TaskCompletionSource<IActorRef> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IActorRef _coordinator;
    private TaskCompletionSource<Played>? _playing;

    public RoutingGroup(RoutingPlane plane)
    {
        _plane = plane;
        _system = MeasuredSystem.Start("routing", plane.Options.Shape.Ranks);
        _system.ActorOf(Props.Create(() => new Guardian(this)), "group");
        _coordinator = _ready.Task.WaitAsync(TimeSpan.FromMinutes(1)).GetAwaiter().GetResult();
    }

    /// <summary>Closed loop: as many exchanges under way as there are, for a time.</summary>
    public Task<Played> KeepConstantAsync(TimeSpan time) =>
        PlayAsync(done => new KeepConstant(_plane.Options.UnderWay, Stopwatch.GetTimestamp() + Ticks(time), done), time);

    /// <summary>Open loop: exchanges start at set times, whether or not earlier ones have ended.</summary>
    /// <param name="exchangesPerSecond">Rate.</param>
    /// <param name="time">How long exchanges are injected; as long again is waited for late ones.</param>
    public async Task<Played> InjectAsync(double exchangesPerSecond, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        Task<Played> played = PlayAsync(done => new Inject(_plane.Options.UnderWay, start + (2 * Ticks(time)), done), 2 * time);
        var injector = new Thread(() => InjectFrom(start, exchangesPerSecond, time)) { IsBackground = true, Name = "injector" };
        injector.Start();
        return await played;
    }

    public void Dispose() => _system.Dispose();

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private async Task<Played> PlayAsync(Func<TaskCompletionSource<Played>, object> simulation, TimeSpan time)
    {
        _playing = new TaskCompletionSource<Played>(TaskCreationOptions.RunContinuationsAsynchronously);
        _coordinator.Tell(simulation(_playing), ActorRefs.NoSender);
        try
        {
            return await _playing.Task.WaitAsync(time + TimeSpan.FromMinutes(1));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("Routing came to a stop: nothing ended for a minute.");
        }
    }

    private void InjectFrom(long start, double exchangesPerSecond, TimeSpan time)
    {
        long end = start + Ticks(time);
        for (long i = 0; ; i++)
        {
            long intended = start + (long)(i / exchangesPerSecond * Stopwatch.Frequency);
            if (intended >= end)
            {
                break;
            }

            TimeSpan wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), intended);
            if (wait > TimeSpan.Zero)
            {
                Thread.Sleep(wait);
            }

            _coordinator.Tell(new Injected(intended), ActorRefs.NoSender);
        }

        _coordinator.Tell(new EndInjection(), ActorRefs.NoSender);
    }

    private void Failed(Exception failure)
    {
        var known = new CheckFailedException($"An actor failed: {failure.Message}");
        _ready.TrySetException(known);
        _playing?.TrySetException(known);
    }

    /// <summary>Parent of the group's actors: a failure of any ends the test.</summary>
    private sealed class Guardian(RoutingGroup group) : UntypedActor
    {
        protected override void PreStart()
        {
            RoutingPlane plane = group._plane;
            int ranks = plane.Options.Ranks, channelCount = plane.Options.Fabric.Channels;
            var stages = new IActorRef[ranks];
            var windows = new IActorRef[ranks];
            var shards = new IActorRef[ranks];
            var channels = new IActorRef[ranks][];
            for (int r = 0; r < ranks; r++)
            {
                int rank = r;
                stages[rank] = Context.ActorOf(Props.Create(() => new RankActor(rank, plane)), $"rank-{rank}");
                windows[rank] = Context.ActorOf(
                    RankDispatcher.BesideComputation(Props.Create(() => new WindowActor(rank, plane.FabricOf(rank), plane.Pool)), Context.System), $"window-{rank}");
                shards[rank] = Context.ActorOf(Props.Create(() => new ExpertShardActor(rank, plane.FabricOf(rank), plane.Experts[rank])), $"shard-{rank}");
                channels[rank] = new IActorRef[channelCount];
                for (int c = 0; c < channelCount; c++)
                {
                    int channel = c;
                    TrafficCounters traffic = plane.Traffic[(rank * channelCount) + channel];
                    Props props = Props.Create(() => new ChannelActor(
                        rank, channel, plane.FabricOf(rank), plane.Backend, new HostLink(), traffic, TimeProvider.System, null));
                    channels[rank][channel] = Context.ActorOf(
                        RankDispatcher.BesideComputation(props, Context.System), $"channel-{rank}-{channel}");
                }
            }

            var addresses = new GroupAddresses(stages, windows, shards, channels);
            foreach (IActorRef child in Context.GetChildren())
            {
                child.Tell(addresses, Self);
            }

            int exchanges = plane.Options.UnderWay;
            group._ready.SetResult(Context.ActorOf(Props.Create(() => new CoordinatorActor(stages, exchanges)), "coordinator"));
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
        {
            group.Failed(failure);
            return Directive.Stop;
        });

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
