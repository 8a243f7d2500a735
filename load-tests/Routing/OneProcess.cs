using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>All ranks in this process.</summary>
internal sealed class OneProcess : IRoutingWork
{
    private readonly IRoutingPlane _plane;
    private readonly RoutingGroup _group;

    /// <summary>Makes the actors.</summary>
    /// <param name="plane">Their memory, freed with this.</param>
    /// <param name="name">How the work is done, for the report.</param>
    public OneProcess(IRoutingPlane plane, string name = "one process")
    {
        (_plane, Name) = (plane, name);
        int underWay = plane.Options.UnderWay;
        _group = new RoutingGroup(_plane);
        IReadOnlyList<IActorRef> stages = _group.Stages;
        Simulations = new LoadSimulations(
            _group.Add(Props.Create(() => new CoordinatorActor(stages, stages.Count, underWay))), underWay, _group.Failure);
    }

    public string Name { get; }

    public LoadSimulations Simulations { get; }

    public Task CheckAsync()
    {
        _plane.Check();
        return Task.CompletedTask;
    }

    public Task<RoutingCounts> CountAsync() => Task.FromResult(_plane.Count());

    public ValueTask DisposeAsync()
    {
        _group.Dispose();
        _plane.Dispose();
        return ValueTask.CompletedTask;
    }
}
