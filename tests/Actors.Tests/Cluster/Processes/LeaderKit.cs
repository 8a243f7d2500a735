using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>A leader whose processes are probes; what they say is the test's.</summary>
internal sealed class LeaderKit : ActorKit
{
    private const string Secret = "secret of the test";
    private readonly TestProbe[] _processes;
    private readonly int _devices;

    public LeaderKit(
        int processes, int nodes = 8, int wanted = 1, Func<TrainRun, IClusterRun>? openRun = null, TimeSpan? gatherTimeout = null, int devices = 0,
        string? role = null)
    {
        _devices = devices;
        _processes = [.. Enumerable.Range(0, processes).Select(number => CreateTestProbe($"p{number}"))];
        var options = new LeaderOptions
        {
            Plan = PlanOf(nodes),
            IsElastic = true,
            Identity = IdentityOf(0),
            Membership = new Members(_processes, role is null ? ClusterSettings.AllRoles : [role]),
            OpenRun = openRun ?? (_ => new SavedRun()),
            Processes = wanted,
            ReplacementTimeout = TimeSpan.MaxValue,
            GatherTimeout = gatherTimeout ?? TimeSpan.MaxValue,
            PlaceTimeout = StallTimeout,
            Time = TimeProvider.System,
            Telemetry = Telemetry.None,
        };
        Leader = Sys.ActorOf(Props.Create(() => new LeaderActor(options)));
    }

    /// <summary>What processes compute on, unless said otherwise.</summary>
    public const string DeviceKind = "cpu in float32";

    public IActorRef Leader { get; }

    public TestProbe this[int process] => _processes[process];

    /// <summary>A process says who it is, and what it holds and has held.</summary>
    public async Task IntroduceAsync(int process, HeldRun? held = null, int epoch = 0, string deviceKind = DeviceKind)
    {
        Introduce asked = await _processes[process].FishForMessageAsync<Introduce>(_ => true);
        Leader.Tell(IdentityOf(process, deviceKind).Introduction(asked, held, epoch), _processes[process]);
    }

    /// <summary>The share that a process had of a run of so many.</summary>
    public static HeldRun Held(int epoch, TrainRun order, int process, int processes) =>
        new(
            epoch, order, process, [.. Enumerable.Range(0, processes).Select(number => new ProcessShare($"p{number}", "here", "127.0.0.1", 1, [number]))],
            PlanOf(processes).Sizes);

    private static RunPlan PlanOf(int nodes) =>
        TrainingFixture.SmallPlan with { ExpertRanks = nodes / 2, RanksPerNode = 1, PipelineRanks = 2, SeparatesNodes = true };

    private ProcessIdentity IdentityOf(int process, string deviceKind = DeviceKind) =>
        new(new ProcessDescription($"p{process}", "here", "hash", "127.0.0.1", 1, _devices, Held: null, DeviceKind: deviceKind, DeviceName: "a device"), System.Text.Encoding.UTF8.GetBytes(Secret));

    private sealed class Members(TestProbe[] processes, IReadOnlyCollection<string> roles) : IClusterMembership
    {
        public Address Self => AddressOf(0);

        public void Subscribe(IActorRef leader)
        {
            for (int process = 0; process < processes.Length; process++)
            {
                leader.Tell(new MemberChange(AddressOf(process), Gone: null, roles), ActorRefs.NoSender);
            }
        }

        public void Unsubscribe(IActorRef leader)
        {
        }

        public MemberChange? ChangeIn(object message) => message as MemberChange;

        public void Down(Address address)
        {
        }

        public ICanTell ActorAt(Address address, string name, IUntypedActorContext context) => processes[address.Port!.Value].Ref;

        public Address AddressOf(IActorRef actor) => AddressOf(Array.FindIndex(processes, process => process.Ref.Equals(actor)));

        private static Address AddressOf(int process) => new("akka.tcp", "actors", "127.0.0.1", process);
    }

    private sealed class SavedRun : IClusterRun
    {
        public int LastStep => 4;

        public int CheckpointEverySteps => 0;

        public int Step => 2;

        public string? Checkpoint => "step-00000002";

        public TrainerOptions Options => throw new NotSupportedException("No placement stands.");

        public void Dispose()
        {
        }
    }
}
