using Actors.Runtime.Placement;
using Akka.Actor;

namespace Actors.Runtime.Cluster;

/// <summary>
/// A leader's view of its ranks: places them on nodes, has the nodes tell their actors where the others are when all live, and knows each
/// rank's stage.
/// </summary>
internal sealed class RankDirectory(RunPlan plan)
{
    private readonly IActorRef?[] _stages = new IActorRef?[plan.Ranks];
    private IReadOnlyList<IActorRef> _nodes = [];
    private int _connected;

    /// <summary>Asks each node for its ranks.</summary>
    public void Place(IReadOnlyList<IActorRef> nodes, IActorRef leader)
    {
        _nodes = nodes;
        for (int node = 0; node < plan.Nodes; node++)
        {
            nodes[node].Tell(new PlaceRanks([.. plan.RanksOf(node)]), leader);
        }
    }

    /// <summary>Takes a rank; when it was the last, has all told where the others are.</summary>
    public void Add(RankPlaced placed, IActorRef leader)
    {
        _stages[placed.Rank] = placed.Stage;
        if (!_stages.Contains(null))
        {
            foreach (IActorRef node in _nodes)
            {
                node.Tell(new ConnectRanks(), leader);
            }
        }
    }

    /// <summary>
    /// Counts the ranks whose actors know where the others are; true when they are all. Only then may a step begin: between processes rows
    /// could reach an actor before its addresses do.
    /// </summary>
    public bool Add(RanksConnected connected) => (_connected += connected.Ranks) == plan.Ranks;

    /// <summary>Tells the stage of a rank; it answers <paramref name="sender"/>.</summary>
    public void TellStage(int rank, object message, IActorRef sender) => _stages[rank]!.Tell(message, sender);

    /// <summary>Tells every stage.</summary>
    public void TellStages(object message, IActorRef leader)
    {
        foreach (IActorRef? stage in _stages)
        {
            stage!.Tell(message, leader);
        }
    }
}
