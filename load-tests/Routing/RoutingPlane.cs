using Actors.Cpu;
using Actors.LoadTests.Measuring;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Links;
using Actors.Tensors;

namespace Actors.LoadTests.Routing;

/// <summary>Memory of the scenario: the group's fabric, each rank's tokens, and what is counted.</summary>
internal sealed class RoutingPlane : IDisposable
{
    private readonly Arena _arena;
    private readonly RankBatch[] _batches;
    private readonly FabricRings _rings;
    private readonly NodeFabric[] _nodes;

    public RoutingPlane(RoutingOptions options)
    {
        Options = options;
        _rings = new FabricRings(Backend, options.Shape, options.Fabric);
        _nodes = [.. Enumerable.Range(0, options.Shape.Nodes).Select(node => new NodeFabric(_rings, node, options.UnderWay))];
        Pool = new TensorPool(Backend);
        _batches = new RankBatch[options.Ranks * options.UnderWay];
        _arena = new Arena(
            Backend, _batches.Length * RankBatch.Bytes(options), (_batches.Length * RankBatch.HostBytes(options)) + Arena.Plan(1, options.Experts));
        Bias = _arena.TakeHost(1, options.Experts);
        Bias.AsSpan<float>().Clear();
        var random = new Random(1);
        for (int i = 0; i < _batches.Length; i++)
        {
            _batches[i] = new RankBatch(_arena, options, random);
        }

        Latency = [.. Enumerable.Range(0, options.Ranks).Select(_ => new LatencyHistogram())];
        Traffic = [.. Enumerable.Range(0, options.Ranks * options.Fabric.Channels).Select(_ => new TrafficCounters())];
        Experts = [.. Enumerable.Range(0, options.Ranks).Select(rank => new IdentityExperts(Backend, rank))];
    }

    public RoutingOptions Options { get; }

    public CpuBackend Backend { get; } = new();

    /// <summary>The places of a rank's node.</summary>
    public NodeFabric FabricOf(int rank) => _nodes[Options.Shape.NodeOf(rank)];

    public TensorPool Pool { get; }

    /// <summary>The gate's correction bias (1, experts).</summary>
    public HostTensor Bias { get; }

    /// <summary>Of each rank: from an exchange's intended start to the rank's last sum.</summary>
    public LatencyHistogram[] Latency { get; }

    /// <summary>Of each rank's channels.</summary>
    public TrafficCounters[] Traffic { get; }

    public IdentityExperts[] Experts { get; }

    public RankBatch Batch(int rank, int exchange) => _batches[(rank * Options.UnderWay) + exchange];

    public LatencyHistogram TakeLatency()
    {
        var all = new LatencyHistogram();
        foreach (LatencyHistogram one in Latency)
        {
            all.Add(one);
            one.Clear();
        }

        return all;
    }

    public void Dispose()
    {
        _arena.Dispose();
        _rings.Dispose();
        Pool.Dispose();
        Backend.Dispose();
    }
}
