using System.Collections.Immutable;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Akka.Actor;

namespace Actors.Runtime.Cluster;

/// <summary>The actors of a rank, or what leads to them where they live in another process.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Window">The window.</param>
/// <param name="Shard">The expert shard; nobody for a rank of another process, since only its own stage tells it anything.</param>
/// <param name="Channels">The channels, in order.</param>
internal sealed record RankActors(IActorRef Stage, IActorRef Window, IActorRef Shard, ImmutableArray<IActorRef> Channels);

/// <summary>
/// Where the actors of each rank are, seen from this process. A node names its own ranks' as they are made; those of other processes stand
/// here from the start. Read when all ranks live: the leader's <see cref="ConnectRanks"/> comes after the last was named.
/// </summary>
internal sealed class RankAddresses(RunPlan plan)
{
    private readonly RankActors?[] _ranks = new RankActors?[plan.Ranks];

    /// <summary>Names a rank's actors.</summary>
    public void Set(int rank, RankActors actors) => Volatile.Write(ref _ranks[rank], actors);

    /// <summary>Whether somebody has said where a rank's actors are.</summary>
    public bool IsKnown(int rank) => Volatile.Read(ref _ranks[rank]) is not null;

    /// <summary>Whom stages report to where who places them lives in another process and reports go another way; null: to who places them.</summary>
    public IActorRef? Reports { get; set; }

    /// <summary>A rank's actors.</summary>
    public RankActors this[int rank] => Volatile.Read(ref _ranks[rank])
        ?? throw new InvalidOperationException($"Nobody has said where the actors of rank {rank} are.");

    /// <summary>What the actors of a rank are told of its expert group.</summary>
    public GroupAddresses GroupOf(int rank)
    {
        RankPosition at = plan.PositionOf(rank);
        RankActors[] group = [.. Enumerable.Range(0, plan.ExpertRanks).Select(e => this[plan.RankOf(at.DataGroup, at.PipelineRank, e)])];
        return new GroupAddresses(
            [.. group.Select(of => of.Stage)], [.. group.Select(of => of.Window)], [.. group.Select(of => of.Shard)], [.. group.Select(of => of.Channels)]);
    }

    /// <summary>What stages are told of each other and of who leads them.</summary>
    public PipelineAddresses Pipeline(IActorRef leader) => new(Reports ?? leader, [.. Enumerable.Range(0, plan.Ranks).Select(rank => this[rank].Stage)]);
}
