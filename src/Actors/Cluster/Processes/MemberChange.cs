using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>A process is up, or has gone.</summary>
/// <param name="Address">The process.</param>
/// <param name="Gone">Why it has gone, as a sentence about it goes on; null: it is up.</param>
/// <param name="Roles">What it takes part in.</param>
public sealed record MemberChange(Address Address, string? Gone, IReadOnlyCollection<string> Roles) : INoSerializationVerificationNeeded;
