using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>Whom a leader takes for dead after a placement was given up.</summary>
public sealed class SilentProcesses : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { ExpertRanks = 4, RanksPerNode = 1, PipelineRanks = 2, SeparatesNodes = true };
    private readonly Kit _kit = new();
    private readonly ManualTime _time = new();
    private readonly TestProbe[] _processes;
    private readonly ProcessPlacement _placement;

    public SilentProcesses()
    {
        _processes = [.. Enumerable.Range(0, 3).Select(_ => _kit.CreateTestProbe())];
        _placement = ProcessPlacement.Of(1, Plan, [.. _processes.Select((process, number) => new ClusterMember(
            process, new Address("akka.tcp", "actors", "127.0.0.1", number),
            new ProcessDescription($"p{number}", "here", "hash", "127.0.0.1", number, Devices: 0, Held: null)))]);
        _placement.Prepare(null, new TrainRun("folder", "run"), _kit.TestActor);
        _placement.Accuse(2);
        _placement.Abandon(_time.GetTimestamp(), _kit.TestActor);
    }

    public void Dispose() => _kit.Dispose();

    [Theory]
    [InlineData("0 1", "p2")]
    [InlineData("0", "")]
    [InlineData("0 1 2", "")]
    public void An_accused_process_is_dead_when_most_of_the_others_have_answered_and_it_has_not(string answered, string dead)
    {
        foreach (string process in answered.Split(' '))
        {
            _placement.Heard(_processes[int.Parse(process)]);
        }

        Assert.Equal("", Silent());
        _time.Pass(2);
        Assert.Equal(dead, Silent());
    }

    [Fact]
    public void Who_has_answered_is_not_dead_because_a_peer_says_later_that_its_link_to_it_has_ended()
    {
        Array.ForEach(_processes, process => _placement.Heard(process));
        _time.Pass(2);

        _placement.Accuse(2);

        Assert.Equal("", Silent());
    }

    [Fact]
    public void After_the_bound_whatever_still_holds_a_share_is_dead()
    {
        _placement.Dropped(_processes[0]);
        _time.Pass(Bound.TotalSeconds + 1);

        Assert.Equal("p1 p2", Silent());
    }

    private string Silent() => string.Join(' ', _placement.Silent(_time, processes: 3, Bound).Select(silent => silent.Description.Name));

    private sealed class Kit : ActorKit;
}
