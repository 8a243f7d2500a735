using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>How long a leader waits for processes to place a run on.</summary>
public sealed class GatheringProcesses : IDisposable
{
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { ExpertRanks = 4, RanksPerNode = 1, PipelineRanks = 2, SeparatesNodes = true };
    private readonly Kit _kit = new();
    private readonly TestProbe _process, _caller;

    public GatheringProcesses() => (_process, _caller) = (_kit.CreateTestProbe(), _kit.CreateTestProbe());

    public void Dispose() => _kit.Dispose();

    [Fact]
    public async Task A_run_that_has_waited_long_enough_is_placed_on_those_that_are_there()
    {
        IActorRef leader = await LeadAsync(devices: 0);

        leader.Tell(new TrainRun("folder", "run"), _caller);

        Assert.Contains("waiting for 3 processes", (await _caller.FishForMessageAsync<RunNotice>(_ => true)).Text, StringComparison.Ordinal);
        PrepareShare order = await _process.FishForMessageAsync<PrepareShare>(_ => true);
        Assert.Equal(Plan.Nodes, Assert.Single(order.Processes).Nodes.Length);
        Assert.Contains("on 1 process", (await _caller.FishForMessageAsync<RunNotice>(_ => true)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_ends_where_those_that_are_there_cannot_take_it()
    {
        IActorRef leader = await LeadAsync(devices: 2);

        leader.Tell(new TrainRun("folder", "run"), _caller);

        RunFailed failed = await _caller.FishForMessageAsync<RunFailed>(_ => true);
        Assert.Contains("gather-timeout", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("devices for 2", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_ends_where_nobody_trains()
    {
        IActorRef leader = await LeadAsync(devices: 0, ClusterSettings.Serve);

        leader.Tell(new TrainRun("folder", "run"), _caller);

        Assert.Contains("no process with role train", (await _caller.FishForMessageAsync<RunFailed>(_ => true)).Reason, StringComparison.Ordinal);
    }

    /// <summary>A leader that knows of one process, and would place on three.</summary>
    private async Task<IActorRef> LeadAsync(int devices, string role = ClusterSettings.Train)
    {
        var identity = new ProcessIdentity(new ProcessDescription("p0", "here", "hash", "127.0.0.1", 1, devices, Held: null), "secret of the test"u8.ToArray());
        var options = new LeaderOptions
        {
            Plan = Plan,
            IsElastic = true,
            Identity = identity,
            Membership = new OneProcess(_process, role),
            OpenRun = _ => new EmptyRun(),
            Processes = 3,
            ReplacementTimeout = TimeSpan.MaxValue,
            GatherTimeout = TimeSpan.FromSeconds(0.5),
            PlaceTimeout = ActorKit.StallTimeout,
            Time = TimeProvider.System,
            Telemetry = Telemetry.None,
        };
        IActorRef leader = _kit.Sys.ActorOf(Props.Create(() => new LeaderActor(options)));
        Introduce asked = await _process.ExpectMsgAsync<Introduce>();
        leader.Tell(identity.Introduction(asked, held: null, epoch: 0), _process);
        return leader;
    }

    private sealed class Kit : ActorKit;

    private sealed class OneProcess(TestProbe process, string role) : IClusterMembership
    {
        public Address Self { get; } = new("akka.tcp", "actors", "127.0.0.1", 1);

        public void Subscribe(IActorRef leader) => leader.Tell(new MemberChange(Self, Gone: null, [role]), ActorRefs.NoSender);

        public void Unsubscribe(IActorRef leader)
        {
        }

        public MemberChange? ChangeIn(object message) => message as MemberChange;

        public void Down(Address address)
        {
        }

        public ICanTell ActorAt(Address address, string name, IUntypedActorContext context) => process.Ref;

        public Address AddressOf(IActorRef actor) => Self;
    }

    private sealed class EmptyRun : IClusterRun
    {
        public int LastStep => 4;

        public int CheckpointEverySteps => 0;

        public int Step => 0;

        public string? Checkpoint => null;

        public TrainerOptions Options => throw new NotSupportedException("No placement stands.");

        public void Dispose()
        {
        }
    }
}
