using Actors.Runtime.Cluster.Processes;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>What a caller asks of a cluster, and how often.</summary>
public sealed class RunCallers : IDisposable
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);
    private static readonly TrainRun Order = new("folder", "run");
    private readonly Kit _kit = new();
    private readonly TestProbe _front;
    private readonly IActorRef _caller;

    public RunCallers()
    {
        _front = _kit.CreateTestProbe();
        Func<string, ICanTell> frontAt = _ => _front.Ref;
        Action<object, Watching> show = static (_, _) => { };
        Action<object?> ended = static _ => { };
        _caller = _kit.Sys.ActorOf(Props.Create(() => new RunCaller("p0", frontAt, Order, show, ended)));
    }

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void An_order_is_said_again_until_a_leader_has_taken_the_run()
    {
        Assert.Equal(Order, _front.ExpectMsg<TrainRun>());
        _kit.Pass(Renewal);
        Assert.Equal(Order, _front.ExpectMsg<TrainRun>());
        _caller.Tell(new Watching(["p0"], Steps: 0, Ranks: 0), ActorRefs.NoSender);
        _kit.Pass(Renewal);
        Assert.Equal(Order, _front.ExpectMsg<TrainRun>());

        _caller.Tell(new Watching(["p0"], Steps: 4, Ranks: 8), ActorRefs.NoSender);
        _kit.Pass(Renewal);

        _front.ExpectMsg<WatchRun>();
        _front.ExpectNoMsg(TimeSpan.Zero);
    }

    private sealed class Kit() : ActorKit(isStepwise: true);
}
