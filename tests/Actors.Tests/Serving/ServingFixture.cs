using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Training;
using Actors.Tensors;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Serving;

/// <summary>The serving of one test: its memory, its actors, and a probe as the user of each request.</summary>
internal sealed class ServingFixture : ActorKit
{
    public const int MaxLength = 24;
    public const int MaxWaiting = 8;

    public ServingFixture(
        int pipelineRanks = 1, int expertRanks = 1, int ranksPerNode = 1, int slotsPerRank = 1, Func<ITensorLink>? makeLink = null,
        Telemetry? telemetry = null, bool isStepwise = false, string configuration = "", bool separates = false)
        : base(isStepwise, configuration)
    {
        RunPlan plan = TestPlans.OneRank(TestModels.Small(), sequences: 1, length: 1) with
        {
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = ranksPerNode,
            SeparatesNodes = separates,
            Fabric = new FabricSettings(1, 8, 2),
        };
        var options = new InferenceOptions(slotsPerRank, MaxLength, MaxWaiting) { StallTimeout = StallTimeout };
        Memory = new ServingHost(plan, options, new RunDevices(Backend, makeLink ?? (() => new HostLink())), Time, telemetry: telemetry);
        foreach ((IStream stream, ModelWeights weights) in Memory.Parts())
        {
            weights.Initialize(stream, seed: 3);
        }
    }

    public CpuBackend Backend { get; } = new();

    public ServingHost Memory { get; }

    public RunPlan Plan => Memory.Plan;

    /// <summary>The way in; the actors start when this is first read.</summary>
    public IActorRef Gateway => field ??= ServingRun.Start(Sys, Memory).Gateway;

    /// <summary>Sends a request, then takes its tokens and the end that the test expects.</summary>
    public async Task<(List<int> Tokens, TEnd End)> AskAsync<TEnd>(Infer request)
    {
        TestProbe user = CreateTestProbe();
        Gateway.Tell(request, user);
        List<int> tokens = await user.ReceiveWhileAsync<TokenGenerated>(_ => true, shouldIgnoreOtherMessageTypes: false).Select(token => token.Token).ToListAsync();
        return (tokens, await user.ExpectMsgAsync<TEnd>());
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Memory.Dispose();
        Backend.Dispose();
    }
}
