using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Peers;
using Actors.Tensors;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>A model that is served by shares as of several processes: between two of them there is nothing but a link.</summary>
internal sealed class LinkedServing : ActorKit
{
    private readonly CpuBackend _backend = new();
    private readonly InferenceOptions _options;
    private readonly ClusterProcessOptions _process;
    private readonly int[][] _nodes;
    private readonly Action<ModelWeights> _change;
    private readonly List<ServingHost> _hosts = [];
    private PeerLinkOpener[] _openers = [];
    private ServingShare[] _shares = [];

    /// <summary>Describes the processes.</summary>
    /// <param name="plan">The plan as it is served; its nodes have memory of their own.</param>
    /// <param name="options">Limits.</param>
    /// <param name="sharesMemory">Whether links are rings in shared memory, not connections.</param>
    /// <param name="nodes">The nodes of each process.</param>
    /// <param name="change">Changes the values after they were made.</param>
    public LinkedServing(RunPlan plan, InferenceOptions options, bool sharesMemory, int[][] nodes, Action<ModelWeights>? change = null)
    {
        (_options, _nodes, _change) = (options, nodes, change ?? (_ => { }));
        _process = new ClusterProcessOptions
        {
            Plan = plan,
            RunHash = "test",
            Settings = new ClusterSettings("127.0.0.1", 0, [], ClusterSettings.AllRoles, 0, 1, StallTimeout, StallTimeout, StallTimeout, StallTimeout, StallTimeout, StallTimeout, StallTimeout),
            Links = LinkPair.Settings with { SharedMemory = sharesMemory },
            Devices = new RunDevices(_backend, () => new HostLink()),
            Batches = null!,
            Load = (_, _) => { },
            StallTimeout = StallTimeout,
            OpenRun = _ => throw new NotSupportedException(),
            Time = Time,
            Telemetry = Telemetry.None,
        };
    }

    /// <summary>The way in.</summary>
    public IActorRef Gateway { get; private set; } = ActorRefs.Nobody;

    /// <summary>Rows that went from a stage to one of another node.</summary>
    public long RowsCrossed => _hosts.Sum(host => host.LocalRanks.Sum(rank => host.Rank(rank).Frames.RowsSent));

    /// <summary>Opens the shares and the way in.</summary>
    public async Task StartAsync()
    {
        _openers = [.. _nodes.Select(_ => PeerLinkOpener.Listen(_process))];
        ImmutableArray<ProcessShare> processes =
            [.. _openers.Select((opener, process) => new ProcessShare($"process {process}", "here", "127.0.0.1", opener.Port, [.. _nodes[process]]))];
        _shares = await Task.WhenAll(_openers.Select((opener, process) => ServingShare.OpenAsync(
            Sys, new PrepareShare(1, process, processes, null, new TrainRun("nowhere", "run"), _process.Plan.Sizes), opener.Beside(_process.Plan, "serving"), _process.Devices, MakeHost,
            (host, _) => Load(host), (_, _) => { }, TestContext.Timeout())));
        var nodes = new IActorRef[_process.Plan.Nodes];
        for (int process = 0; process < _shares.Length; process++)
        {
            IActorRef parent = Sys.ActorOf(Props.Create(() => new Parent()));
            SharePrepared started = await parent.Ask<SharePrepared>(_shares[process], TestContext.Timeout());
            Gateway = process == 0 ? started.Saver : Gateway;
            for (int i = 0; i < started.Nodes.Length; i++)
            {
                nodes[_nodes[process][i]] = started.Nodes[i];
            }
        }

        Gateway.Tell(new ServeOver([.. nodes]), ActorRefs.NoSender);
    }

    /// <summary>Sends a request, then takes its tokens and the end that the test expects.</summary>
    public async Task<(List<int> Tokens, TEnd End)> AskAsync<TEnd>(Infer request)
    {
        TestProbe user = CreateTestProbe();
        Gateway.Tell(request, user);
        List<int> tokens = await user.ReceiveWhileAsync<TokenGenerated>(_ => true, shouldIgnoreOtherMessageTypes: false).Select(token => token.Token).ToListAsync();
        return (tokens, await user.ExpectMsgAsync<TEnd>());
    }

    /// <summary>Ends actors, links and memory.</summary>
    public async Task StopAsync()
    {
        await EndAsync();
        foreach (ServingShare share in _shares)
        {
            await share.DisposeAsync();
        }

        Array.ForEach(_openers, opener => opener.Dispose());
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _backend.Dispose();
    }

    private void Load(ServingHost host)
    {
        foreach ((IStream stream, ModelWeights weights) in host.Parts())
        {
            weights.Initialize(stream, seed: 3);
            _change(weights);
            weights.Prepare(stream);
        }
    }

    private ServingHost MakeHost(HostShare share)
    {
        var host = new ServingHost(_process.Plan, _options, _process.Devices, Time, share: share);
        lock (_hosts)
        {
            _hosts.Add(host);
        }

        return host;
    }

    /// <summary>Makes the actors of one process.</summary>
    private sealed class Parent : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            (ImmutableArray<IActorRef> nodes, IActorRef gateway) = ((ServingShare)message).Start(Context);
            Sender.Tell(new SharePrepared(1, 0, nodes, gateway), Self);
        }
    }
}
