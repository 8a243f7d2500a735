using System.Collections.Immutable;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Akka.Actor;
using MemoryPack;

namespace Actors.Runtime.Training.Copies;

/// <summary>Stage → stage that keeps its copy: the summed gradient of a block that the sender owns. Answered by <see cref="BlockCopied"/>.</summary>
/// <param name="Owner">Rank of the sender.</param>
/// <param name="Block">Number of the block in the model. The frame has no rows where the sum is zero.</param>
internal sealed record BlockCopyArrived(int Owner, int Block) : FrameMessage;

/// <summary>Stage → stage: the copy of a block has its gradient.</summary>
/// <param name="Block">Number of the block in the model.</param>
internal sealed record BlockCopied(int Block) : INoSerializationVerificationNeeded;

/// <summary>
/// Saver → stages of its process: end the update under way, and from now on take no other but <see cref="FinishUpdate"/>, so that the state
/// can be saved. Answered by <see cref="StateHeld"/>.
/// </summary>
internal sealed record HoldState : INoSerializationVerificationNeeded
{
    public static HoldState Instance { get; } = new();
}

/// <summary>Leader → saver → its stages that hold still: make this update, which others have made. Answered by <see cref="StateHeld"/>.</summary>
/// <param name="Update">The update of the step after those that are behind the state.</param>
[MemoryPackable]
public sealed partial record FinishUpdate(ApplyUpdate Update) : IControlMessage;

/// <summary>Stage → saver: no update is under way, and none will be.</summary>
/// <param name="Rank">Rank of the whole run.</param>
/// <param name="Last">The last update; null: none since the values were loaded.</param>
/// <param name="Latest">The latest steps, without their loads.</param>
internal sealed record StateHeld(int Rank, ApplyUpdate? Last, ImmutableArray<StepCompleted> Latest) : INoSerializationVerificationNeeded;

/// <summary>Saver → leader: the ranks of its process hold still.</summary>
/// <param name="Epoch">The placement.</param>
/// <param name="Process">Number of the process in it.</param>
/// <param name="Oldest">The earliest of the ranks' last steps; 0: a rank has made no update since its values were loaded.</param>
/// <param name="Newest">The last update of the rank that is furthest; null: none has made any.</param>
/// <param name="Latest">The latest steps of that rank, without their loads: what a leader that was lost may not have told anybody.</param>
/// <param name="Refusal">Why the state cannot be held, one line; null: it is.</param>
/// <param name="Saver">Who says it.</param>
[MemoryPackable]
public sealed partial record ShareHeld(
    int Epoch, int Process, int Oldest, ApplyUpdate? Newest, ImmutableArray<StepCompleted> Latest, string? Refusal,
    [property: MemoryPackAllowSerialize] IActorRef Saver) : IControlMessage;
