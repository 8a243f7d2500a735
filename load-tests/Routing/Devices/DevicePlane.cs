using Actors.Cpu;
using Actors.LoadTests.CommandLine;
using Actors.Model.Transfer;
using Actors.Runtime.Cluster;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.LoadTests.Routing.Devices;

/// <summary>Memory of the scenario on devices that order their streams and reach each other's memory: as many consecutive ranks on each.</summary>
internal sealed class DevicePlane : IRoutingPlane
{
    private static readonly TimeSpan FlagLimit = TimeSpan.FromSeconds(10);
    private readonly IReadOnlyList<IBackend> _devices;
    private readonly Arena[] _scratch;
    private readonly CpuBackend _host = new();
    private readonly Arena _hostArena;
    private readonly FabricRings _rings;
    private readonly GroupWindows[] _windows;
    private readonly List<IStream> _streams = [];
    private readonly DeviceLane[] _lanes;
    private readonly DeviceIdentityExperts[] _experts;
    private readonly RunPlan _plan;

    /// <summary>Allocates.</summary>
    /// <param name="options">The group.</param>
    /// <param name="devices">The devices, this plane's to free.</param>
    /// <exception cref="UsageException">Flags are asked for where ranks cannot wait for them.</exception>
    public DevicePlane(RoutingOptions options, IReadOnlyList<IBackend> devices)
    {
        (Options, _devices) = (options, devices);
        _plan = options.Plan with { SeparatesNodes = false, Devices = devices.Count };
        Addresses = new RankAddresses(_plan);
        Ranks = [.. Enumerable.Range(0, options.Ranks)];
        GroupShape shape = options.Shape;
        IBackend[] ofRanks = [.. Ranks.Select(rank => devices[_plan.DeviceOf(rank)])];
        _windows = [.. Enumerable.Range(0, options.UnderWay).Select(_ => Windows(ofRanks, shape))];
        int rows = _windows[0].Rows, batches = options.Ranks * options.UnderWay;
        _scratch = [.. devices.Select(device => new Arena(
            device, Arena.Plan(rows * options.Choices, 1, ElementType.Int32) + (batches / devices.Count * Arena.Plan(rows, 1))))];
        Tensor[] numbers = [.. _scratch.Select((arena, device) => Numbers(arena, devices[device], rows * options.Choices))];

        // The shard asks a node for windows; those of the devices take their part, so one node without rings will do.
        _rings = new FabricRings(_host, new GroupShape(options.Ranks, options.Ranks, options.Experts, options.Choices, options.Hidden, options.RowType), options.Fabric);
        Fabric = new NodeFabric(_rings, node: 0, options.UnderWay);
        _hostArena = new Arena(_host, batches * RankBatch.Bytes(options), batches * RankBatch.HostBytes(options));
        _experts = new DeviceIdentityExperts[options.Ranks];
        _lanes = new DeviceLane[batches];
        foreach (int rank in Ranks)
        {
            int device = _plan.DeviceOf(rank);
            IStream[] streams = StreamsOf(rank, ofRanks[rank]);
            Tensor[] sums = [.. streams.Select(_ => _scratch[device].Take(rows, 1))];
            _experts[rank] = new DeviceIdentityExperts(streams, numbers[device], sums);
            var random = new Random(rank);
            for (int exchange = 0; exchange < options.UnderWay; exchange++)
            {
                var batch = new DeviceBatch(
                    ofRanks[rank], streams[exchange], options, _plan.Model with { SharedExperts = 0 }, new RankBatch(_hostArena, options, random),
                    other => _plan.DeviceOf(other) != device);
                _lanes[(rank * options.UnderWay) + exchange] = new DeviceLane(rank, options.UnderWay, streams[exchange], batch, _windows[exchange], _experts[rank]);
            }
        }
    }

    public RoutingOptions Options { get; }

    public IReadOnlyList<int> Ranks { get; }

    public RankAddresses Addresses { get; }

    /// <summary>Whether ranks wait for each other's flags.</summary>
    public bool UsesFlags => _windows[0].Flags is not null;

    /// <summary>The places that the shards' actors ask for; no rows pass through them.</summary>
    public NodeFabric Fabric { get; }

    public DeviceLane Lane(int rank, int exchange) => _lanes[(rank * Options.UnderWay) + exchange];

    public RankActors Make(IUntypedActorContext parent, int rank) => new(
        parent.ActorOf(Props.Create(() => new DeviceRankActor(rank, this)), $"rank-{rank}"),
        ActorRefs.Nobody,
        parent.ActorOf(Props.Create(() => new ExpertShardActor(rank, Fabric, _experts[rank])), $"shard-{rank}"),
        []);

    public void Check()
    {
        foreach (DeviceLane lane in _lanes)
        {
            lane.Batch.Check(lane.Stream, lane.Rank);
            Options.RequireNodes(lane.Rank, lane.MaxNodesOfToken);
        }
    }

    public RoutingCounts Count()
    {
        RoutingCounts counts = RoutingCounts.OfProcess;
        foreach (DeviceLane lane in _lanes)
        {
            counts = counts.With(lane.Traffic) with { LinkBytes = counts.LinkBytes + (lane.LinkRows * Options.Shape.RowBytes) };
        }

        return counts;
    }

    public void Dispose()
    {
        // Streams run dry before the memory is freed that they use; the windows end the exchanges' own.
        _streams.ForEach(stream => stream.Dispose());
        Array.ForEach(_windows, windows => windows.Dispose());
        Array.ForEach(_lanes, lane => lane.Dispose());
        Array.ForEach(_scratch, arena => arena.Dispose());
        _rings.Dispose();
        _hostArena.Dispose();
        _host.Dispose();
        foreach (IBackend device in _devices)
        {
            device.Dispose();
        }
    }

    private static Tensor Numbers(Arena arena, IBackend device, int count)
    {
        Tensor numbers = arena.Take(count, 1, ElementType.Int32);
        using IStream stream = device.CreateStream("numbers");
        DeviceIdentityExperts.Number(stream, numbers);
        using var reader = new HostReader(stream);
        reader.Wait();
        return numbers;
    }

    /// <summary>Windows of one lane, allocated now: no rank may allocate while another waits for its flags.</summary>
    private GroupWindows Windows(IBackend[] ofRanks, GroupShape shape)
    {
        var windows = new GroupWindows(ofRanks, shape, Options.Tokens, capacityFactor: null);
        _ = windows[0];
        if (Options.Flags != false && _plan.Devices == _plan.Ranks)
        {
            windows.UseFlags(Options.Tokens, FlagLimit);
        }

        return Options.Flags != true || windows.Flags is not null
            ? windows
            : throw new UsageException("--exchange flags: each rank needs a GPU of its own, and few tokens, at most 256; leave it out for marks");
    }

    /// <summary>A stream for each lane; by flags one for all.</summary>
    private IStream[] StreamsOf(int rank, IBackend device)
    {
        IStream[] own = [.. Enumerable.Range(0, UsesFlags ? 1 : Options.UnderWay).Select(lane => device.CreateStream($"rank {rank}, {lane}"))];
        _streams.AddRange(own);
        return [.. Enumerable.Range(0, Options.UnderWay).Select(lane => own[lane % own.Length])];
    }
}
