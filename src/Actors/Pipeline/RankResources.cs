using System.Collections.Immutable;
using Actors.Model.Layers;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>What a rank is made of: where it stands, its stages of the model, and the data planes that it shares.</summary>
internal sealed class RankResources
{
    /// <summary>Number of the rank in the whole run.</summary>
    public required int Rank { get; init; }

    /// <summary>Position in the pipeline.</summary>
    public required int PipelineRank { get; init; }

    /// <summary>Rank in its expert group.</summary>
    public required int ExpertRank { get; init; }

    public required IBackend Backend { get; init; }

    /// <summary>The stage's own stream. Like the stages it is the memory's to free: other ranks read them until all have stopped.</summary>
    public required IStream Stream { get; init; }

    public required StageLayout Layout { get; init; }

    /// <summary>The stages that the rank holds, ascending.</summary>
    public required ImmutableArray<StageModel> Stages { get; init; }

    /// <summary>What each mode plays.</summary>
    public required IReadOnlyDictionary<StepMode, Component[]> Programs { get; init; }

    /// <summary>Which pipeline rank plays which stage for which micro-batch, by mode.</summary>
    public required IReadOnlyDictionary<StepMode, Schedules.Placement> Placements { get; init; }

    public required ExchangeSpace Exchanges { get; init; }

    public required NodeFabric Fabric { get; init; }

    /// <summary>The work of the shard.</summary>
    public required ShardExperts Experts { get; init; }

    public required PipelineMemory Pipeline { get; init; }

    /// <summary>The tokens of the present step.</summary>
    public required IStepInput Input { get; init; }

    /// <summary>Targets, and what a capturing step keeps; null when the rank only infers.</summary>
    public StepMemory? Step { get; init; }

    /// <summary>The rank's part of the optimizer; null when the rank only infers.</summary>
    public RankOptimizer? Optimizer { get; init; }

    /// <summary>Caches of running sequences; null when the rank only trains.</summary>
    public InferenceCaches? Caches { get; init; }

    /// <summary>What a backward keeps.</summary>
    public required ActivationMode TrainingMode { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Where the run logs and counts.</summary>
    public required Telemetry Telemetry { get; init; }

    /// <summary>Where events go; null when nothing is traced.</summary>
    public TraceRecorder? Trace { get; init; }

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
