namespace Actors.Runtime.Peers.Opening;

/// <summary>Who a process is, and what both sides of a link must agree on.</summary>
/// <param name="Run">The run.</param>
/// <param name="Epoch">The placement's epoch, 0 or more.</param>
/// <param name="Process">The process's number in the placement.</param>
/// <param name="Processes">How many processes the placement has.</param>
/// <param name="Plan">A hash of the placement and of all that the processes must have in common, 32 bytes.</param>
/// <param name="Secret">What all processes of the run know and nobody else; empty: nothing, and only this host is listened to.</param>
internal sealed record PeerIdentity(Guid Run, int Epoch, int Process, int Processes, ReadOnlyMemory<byte> Plan, ReadOnlyMemory<byte> Secret)
{
    /// <summary>Bytes of <see cref="Plan"/>.</summary>
    public const int PlanBytes = 32;
}
