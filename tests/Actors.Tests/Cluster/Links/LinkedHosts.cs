using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>A run whose nodes are shared out among hosts as among processes: between two hosts there is nothing but a link.</summary>
internal sealed class LinkedHosts : ActorKit
{
    private const int LanesOfLink = 4;
    private readonly CpuBackend _backend = new();
    private readonly TrainingHost[] _hosts;
    private readonly List<CopyingLink> _links = [];

    /// <summary>Makes the hosts.</summary>
    /// <param name="plan">The run; its nodes have memory of their own.</param>
    /// <param name="nodes">The nodes of each host.</param>
    public LinkedHosts(RunPlan plan, params int[][] nodes)
    {
        _hosts = [.. nodes.Select(share => new TrainingHost(plan, _backend, () => new HostLink(), Time, share: new HostShare([.. share])))];
        foreach ((IStream stream, ModelWeights weights) in _hosts.SelectMany(host => host.Parts()))
        {
            weights.Initialize(stream, seed: 1);
            weights.Prepare(stream);
        }
    }

    /// <summary>Frames that crossed between hosts.</summary>
    public int FramesCrossed => _links.Sum(link => link.FramesSent);

    /// <summary>Trains and gives back what each host holds then.</summary>
    public async Task<ImmutableArray<(string Name, float[] Values)>> TrainAsync(int steps, IBatchSource batches)
    {
        RunPlan plan = _hosts[0].Plan;
        Join();
        var nodes = new IActorRef[plan.Nodes];
        for (int h = 0; h < _hosts.Length; h++)
        {
            _hosts[h].Open(batches);
            ImmutableArray<IActorRef> started = RunNodes.Start(Sys, _hosts[h], $"host-{h}-node");
            for (int i = 0; i < started.Length; i++)
            {
                nodes[_hosts[h].Nodes[i]] = started[i];
            }
        }

        var options = new TrainerOptions
        {
            Optimizer = TestOptimizer.At(1e-3) with { BiasUpdateSpeed = 1e-3 },
            Batches = batches,
            StallTimeout = StallTimeout,
            Time = Time,
        };
        TestProbe user = CreateTestProbe();
        Sys.ActorOf(Props.Create(() => new CoordinatorActor(plan, _hosts[0].Catalog, options, Telemetry.None, nodes))).Tell(new Train(steps), user);
        await user.ReceiveWhileAsync<StepCompleted>(_ => true, shouldIgnoreOtherMessageTypes: false).ToListAsync();
        await user.ExpectMsgAsync<TrainingEnded>();
        await EndAsync();
        return [.. _hosts.SelectMany(host => host.Blocks()).Select(block => (block.Name, block.Values.AsSpan<float>().ToArray()))];
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Array.ForEach(_hosts, host => host.Dispose());
        _backend.Dispose();
    }

    private void Join()
    {
        var ends = new CopyingLink?[_hosts.Length, _hosts.Length];
        for (int a = 0; a < _hosts.Length; a++)
        {
            for (int b = a + 1; b < _hosts.Length; b++)
            {
                (ends[a, b], ends[b, a]) = CopyingLink.Pair(a, b, LanesOfLink);
                ends[a, b]!.Read(ends[b, a]!, new FrameReceiver(_hosts[a], epoch: 1));
                ends[b, a]!.Read(ends[a, b]!, new FrameReceiver(_hosts[b], epoch: 1));
            }
        }

        for (int h = 0; h < _hosts.Length; h++)
        {
            int here = h;
            new RankLinks(_hosts[h], epoch: 1, node => ends[here, Array.FindIndex(_hosts, host => host.Nodes.Contains(node))]!).Connect(Sys);
        }

        _links.AddRange(ends.OfType<CopyingLink>());
    }
}
