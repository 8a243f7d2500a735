using Actors.Cpu;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>An expert group with recording experts in one actor system, driven by <see cref="RankDriver"/>s.</summary>
internal sealed class FabricGroup : IDisposable
{
    private readonly CpuBackend _backend = new();
    private readonly TensorPool _dataPool;
    private readonly TensorPool _pool;
    private readonly FabricRings _rings;
    private readonly NodeFabric[] _nodes;
    private readonly IActorRef _guardian;
    private readonly ActorSystem _system;
    private readonly Func<int, IExpertWork> _work;
    private readonly TaskCompletionSource<GroupAddresses> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _played = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ranksLeft;

    public FabricGroup(ActorSystem system, GroupShape shape, FabricSettings settings, int exchanges, Func<IBackend, int, IExpertWork>? work = null)
    {
        _system = system;
        _dataPool = new TensorPool(_backend);
        _pool = new TensorPool(_backend);
        Exchanges = exchanges;
        _rings = new FabricRings(_backend, shape, settings);
        _nodes = [.. Enumerable.Range(0, shape.Nodes).Select(node => new NodeFabric(_rings, node, exchanges))];
        Data = new SourceData[exchanges][];
        Arrivals = new Arrival[exchanges][];
        for (int exchange = 0; exchange < exchanges; exchange++)
        {
            Data[exchange] = new SourceData[shape.Ranks];
            Arrivals[exchange] = new Arrival[shape.Ranks];
        }

        Traffic = [.. Enumerable.Range(0, shape.Ranks * settings.Channels).Select(_ => new TrafficCounters())];
        _work = rank => work is null ? new RecordingExperts(_backend, shape, rank, Arrivals) : work(_backend, rank);
        _guardian = system.ActorOf(Props.Create(() => new Guardian(this)));
        Addresses = _ready.Task.WaitAsync(TimeSpan.FromSeconds(60)).GetAwaiter().GetResult();
    }

    public GroupShape Shape => _rings.Shape;

    public FabricSettings Settings => _rings.Settings;

    public int Exchanges { get; }

    public GroupAddresses Addresses { get; }

    /// <summary>What each rank sends, by exchange.</summary>
    public SourceData[][] Data { get; }

    /// <summary>What each rank got, by exchange.</summary>
    public Arrival[]?[] Arrivals { get; }

    public TrafficCounters[] Traffic { get; }

    public SourceData MakeData(Random random, int tokens, Func<Random, int[]> choose) => new(Shape, _dataPool, random, tokens, choose);

    /// <summary>The places of a rank's node.</summary>
    public NodeFabric FabricOf(int rank) => _nodes[Shape.NodeOf(rank)];

    /// <summary>Plays moves on all ranks to the end.</summary>
    public async Task PlayAsync(Play play)
    {
        _played = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _ranksLeft, Shape.Ranks);
        foreach (IActorRef driver in Addresses.Stages)
        {
            driver.Tell(play, ActorRefs.NoSender);
        }

        await _played.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>A driver has ended its play.</summary>
    public void RankEnded()
    {
        if (Interlocked.Decrement(ref _ranksLeft) == 0)
        {
            _played.SetResult();
        }
    }

    public void Dispose()
    {
        _guardian.GracefulStop(TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();
        _rings.Dispose();
        _pool.Dispose();
        _dataPool.Dispose();
        _backend.Dispose();
    }

    private void Failed(Exception failure)
    {
        _ready.TrySetException(failure);
        _played.TrySetException(failure);
    }

    /// <summary>Parent of the group's actors: reports their failures to the test.</summary>
    private sealed class Guardian(FabricGroup group) : UntypedActor
    {
        protected override void PreStart()
        {
            int ranks = group.Shape.Ranks;
            var stages = new IActorRef[ranks];
            var windows = new IActorRef[ranks];
            var shards = new IActorRef[ranks];
            var channels = new IActorRef[ranks][];
            for (int r = 0; r < ranks; r++)
            {
                int rank = r;
                NodeFabric memory = group.FabricOf(rank);
                stages[rank] = Context.ActorOf(Props.Create(() => new RankDriver(group, rank)), $"stage-{rank}");
                windows[rank] = Context.ActorOf(
                    RankDispatcher.BesideComputation(Props.Create(() => new WindowActor(rank, memory, group._pool)), Context.System), $"window-{rank}");
                shards[rank] = Context.ActorOf(Props.Create(() => new ExpertShardActor(rank, memory, group._work(rank))), $"shard-{rank}");
                channels[rank] = new IActorRef[memory.Settings.Channels];
                for (int c = 0; c < channels[rank].Length; c++)
                {
                    int channel = c;
                    TrafficCounters traffic = group.Traffic[(rank * channels[rank].Length) + channel];
                    Props props = Props.Create(() => new ChannelActor(
                        rank, channel, memory, group._backend, new HostLink(), traffic, TimeProvider.System, null));
                    channels[rank][channel] = Context.ActorOf(
                        RankDispatcher.BesideComputation(props, Context.System), $"channel-{rank}-{channel}");
                }
            }

            var addresses = new GroupAddresses(stages, windows, shards, channels);
            foreach (IActorRef child in Context.GetChildren())
            {
                child.Tell(addresses, Self);
            }

            group._ready.SetResult(addresses);
        }

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
        {
            group.Failed(failure);
            return Directive.Stop;
        });

        protected override void OnReceive(object message) => Unhandled(message);
    }
}
