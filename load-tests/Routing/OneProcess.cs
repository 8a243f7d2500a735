using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>All ranks in this process.</summary>
internal sealed class OneProcess : IRoutingWork
{
    private readonly RoutingPlane _plane;
    private readonly RoutingGroup _group;

    public OneProcess(RoutingOptions options)
    {
        _plane = new RoutingPlane(options);
        _group = new RoutingGroup(_plane);
        IReadOnlyList<IActorRef> stages = _group.Stages;
        Simulations = new LoadSimulations(
            _group.Add(Props.Create(() => new CoordinatorActor(stages, stages.Count, options.UnderWay))), options.UnderWay, _group.Failure);
    }

    public string Name => "one process";

    public LoadSimulations Simulations { get; }

    public Task CheckAsync()
    {
        _plane.Check();
        return Task.CompletedTask;
    }

    public Task<RoutingCounts> CountAsync() => Task.FromResult(RoutingCounts.Of(_plane));

    public ValueTask DisposeAsync()
    {
        _group.Dispose();
        _plane.Dispose();
        return ValueTask.CompletedTask;
    }
}
