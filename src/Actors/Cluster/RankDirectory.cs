using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Akka.Actor;

namespace Actors.Runtime.Cluster;

/// <summary>Places the ranks of a run on its nodes and, when all live, tells each actor where the others are.</summary>
internal sealed class RankDirectory(RunPlan plan)
{
    private readonly RankPlaced?[] _placed = new RankPlaced?[plan.Ranks];
    private int _acknowledged;

    /// <summary>Asks each node for its ranks.</summary>
    public void Place(IReadOnlyList<IActorRef> nodes, IActorRef leader)
    {
        for (int node = 0; node < plan.Nodes; node++)
        {
            nodes[node].Tell(new PlaceRanks([.. plan.RanksOf(node)]), leader);
        }
    }

    /// <summary>Takes a rank's actors; when it was the last, tells all where the others are.</summary>
    public void Add(RankPlaced placed, IActorRef leader)
    {
        _placed[placed.Rank] = placed;
        if (!_placed.Contains(null))
        {
            Connect(leader);
        }
    }

    /// <summary>
    /// Counts an actor that knows where the others are; true when it was the last. Only then may a step begin: between processes rows could
    /// reach an actor before its addresses do.
    /// </summary>
    public bool Acknowledge()
    {
        const int StageWindowShard = 3;
        return ++_acknowledged == plan.Ranks * (StageWindowShard + plan.Fabric.Channels);
    }

    /// <summary>Tells the stage of a rank.</summary>
    public void TellStage(int rank, object message, IActorRef leader) => _placed[rank]!.Stage.Tell(message, leader);

    /// <summary>Tells every stage.</summary>
    public void TellStages(object message, IActorRef leader)
    {
        foreach (RankPlaced? rank in _placed)
        {
            rank!.Stage.Tell(message, leader);
        }
    }

    private void Connect(IActorRef leader)
    {
        for (int d = 0; d < plan.DataGroups; d++)
        {
            for (int p = 0; p < plan.PipelineRanks; p++)
            {
                RankPlaced[] group = [.. Enumerable.Range(0, plan.ExpertRanks).Select(e => _placed[plan.RankOf(d, p, e)]!)];
                var addresses = new GroupAddresses(
                    [.. group.Select(rank => rank.Stage)], [.. group.Select(rank => rank.Window)], [.. group.Select(rank => rank.Shard)],
                    [.. group.Select(rank => rank.Channels)]);
                Tell(addresses.Stages, addresses, leader);
                Tell(addresses.Windows, addresses, leader);
                Tell(addresses.Shards, addresses, leader);
                foreach (IReadOnlyList<IActorRef> channels in addresses.Channels)
                {
                    Tell(channels, addresses, leader);
                }
            }
        }

        TellStages(new PipelineAddresses(leader, [.. _placed.Select(rank => rank!.Stage)]), leader);
    }

    private static void Tell(IReadOnlyList<IActorRef> targets, object message, IActorRef leader)
    {
        foreach (IActorRef target in targets)
        {
            target.Tell(message, leader);
        }
    }
}
