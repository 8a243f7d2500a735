using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Akka.Actor;

namespace Actors.Runtime.Serving;

/// <summary>What a rank that serves is made of.</summary>
internal sealed class ServingResources : RankResources
{
    /// <summary>What prefills and decoding steps play.</summary>
    public required StageProgram Program { get; init; }

    /// <summary>Caches of the running sequences, and the tokens of the present step.</summary>
    public required InferenceCaches Caches { get; init; }

    /// <summary>Recorded decoding steps; null where steps need the host within them, or the device records nothing.</summary>
    public DecodeRecordings? Recordings { get; init; }

    public override int MostComponents => Program.Components.Length;

    public override StageProgram ProgramOf(BeginStep step) => Program;

    public override StageComponents MakeComponents(
        GroupAddresses group, PipelineAddresses pipeline, StageArrivals arrivals, StageClock clock, IActorRef self) =>
        new ServingComponents(this, group, arrivals, clock, self);
}
