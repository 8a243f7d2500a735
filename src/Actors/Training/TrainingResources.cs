using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training.Copies;
using Akka.Actor;

namespace Actors.Runtime.Training;

/// <summary>What a rank that trains is made of.</summary>
internal sealed class TrainingResources : RankResources
{
    /// <summary>What passes play, by mode and number of micro-batches.</summary>
    public required IReadOnlyDictionary<(StepMode Mode, int MicroBatches), StageProgram> Programs { get; init; }

    /// <summary>The tokens of the present step, and what a capturing step keeps.</summary>
    public required StepTokens Tokens { get; init; }

    /// <summary>How often experts are chosen in a step.</summary>
    public required ExpertLoads Loads { get; init; }

    /// <summary>The balance loss of a step's chunks.</summary>
    public required BalanceLosses Balances { get; init; }

    /// <summary>The rank's part of the optimizer.</summary>
    public required RankOptimizer Optimizer { get; init; }

    /// <summary>The rank's part in summing gradients.</summary>
    public required GradientReduction Reduction { get; init; }

    /// <summary>What the rank updates: what it owns, and the copies that it keeps.</summary>
    public required RankState State { get; init; }

    /// <summary>The rank's part in bringing updated values to other domains.</summary>
    public required ValueGather Values { get; init; }

    /// <summary>What a backward keeps.</summary>
    public required ActivationMode Activations { get; init; }

    public override int MostComponents => Programs.Values.Max(program => program.Components.Length);

    public override StageProgram ProgramOf(BeginStep step) => Programs[(step.Mode, Plan.CutOf(((RunStep)step).Sequences).MicroBatches)];

    public override StageComponents MakeComponents(
        GroupAddresses group, PipelineAddresses pipeline, StageArrivals arrivals, StageClock clock, IActorRef self) =>
        new TrainingComponents(this, group, pipeline, arrivals, clock, self);
}
