using System.Collections.Immutable;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline.Exchanges;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// What a rank is made of: where it stands, its stages of the model, and what of its domain it uses. It reaches no other domain but
/// through <see cref="Frames"/> and the rings of <see cref="Fabric"/>.
/// </summary>
internal abstract class RankResources : IExchangeRank
{
    /// <summary>Shape of the run.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Where the rank stands.</summary>
    public required RankPosition Position { get; init; }

    /// <summary>Number of the rank in the whole run.</summary>
    public int Rank => Position.Rank;

    /// <summary>Rank in its expert group.</summary>
    public int ExpertRank => Position.ExpertRank;

    public required IBackend Backend { get; init; }

    /// <summary>Pool of the tensors that the stage rents and returns itself, or sends to another stage.</summary>
    public required TensorPool Pool { get; init; }

    /// <summary>The domain's pool: of what links write, returned once it has been read.</summary>
    public required TensorPool ArrivalPool { get; init; }

    /// <summary>The stage's own stream. Like the stages it is the domain's to free: other ranks read them until all have stopped.</summary>
    public required IStream Stream { get; init; }

    public required StageLayout Layout { get; init; }

    /// <summary>The stages that the rank holds, ascending.</summary>
    public required ImmutableArray<StageModel> Stages { get; init; }

    public required ExchangeSpace Exchanges { get; init; }

    public required NodeFabric Fabric { get; init; }

    /// <summary>The work of the shard.</summary>
    public required ShardExperts Experts { get; init; }

    /// <summary>The stage's way to other stages.</summary>
    public required FramePort Frames { get; init; }

    /// <summary>Makes the link of a channel.</summary>
    public required Func<ITensorLink> MakeLink { get; init; }

    /// <summary>What each channel has moved.</summary>
    public required ImmutableArray<TrafficCounters> Traffic { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Where the run logs and counts.</summary>
    public required Telemetry Telemetry { get; init; }

    /// <summary>Where events go; null when nothing is traced.</summary>
    public TraceRecorder? Trace { get; init; }

    int IExchangeRank.ExchangeCount => Exchanges.Count;

    int IExchangeRank.MaxTokens => Stages[0].MaxTokens;

    IExchangeShard IExchangeRank.Experts => Experts;

    TrafficCounters IExchangeRank.Traffic => Traffic[0];

    /// <summary>Makes what the components do.</summary>
    public abstract StageComponents MakeComponents(GroupAddresses group, PipelineAddresses pipeline, StageArrivals arrivals, StageClock clock, IActorRef self);

    /// <summary>Components of the longest program.</summary>
    public abstract int MostComponents { get; }

    /// <summary>What the rank plays of a step.</summary>
    public abstract StageProgram ProgramOf(BeginStep step);

    /// <summary>The rank of the same expert rank and data group that plays a stage.</summary>
    public int RankAt(StageProgram program, int stage, int microBatch) =>
        Plan.RankOf(Position.DataGroup, program.Placement.RankOf(stage, microBatch), ExpertRank);

    public StageModel StageOf(int stage)
    {
        foreach (StageModel model in Stages)
        {
            if (model.Stage == stage)
            {
                return model;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(stage), stage, $"Rank {Rank} doesn't hold this stage.");
    }
}
