namespace Actors.Runtime.Fabric;

/// <summary>An actor of a rank failed at its work: which part, at what, and why, for the supervisor's report.</summary>
internal sealed class RankPartException(string part, Exception cause) : Exception($"{part}: {cause.Message}", cause);
