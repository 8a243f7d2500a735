namespace Actors.Tensors;

/// <summary>A wait for a rank's flag that has lasted longer than its limit.</summary>
/// <param name="Rank">Who waited.</param>
/// <param name="Peer">For whom.</param>
/// <param name="Operation">In which operation.</param>
/// <param name="Block">Which of the peer's flags: the part of its rows that this block of its kernel writes; 0 where it has one flag.</param>
/// <param name="Expected">Number of the exchange that was waited for.</param>
/// <param name="Got">Number of the last exchange that the flag has seen.</param>
/// <param name="Limit">The limit.</param>
public sealed record FlagTimeout(int Rank, int Peer, string Operation, int Block, uint Expected, uint Got, TimeSpan Limit)
{
    /// <summary>One line.</summary>
    public override string ToString() =>
        $"{Operation} of expert rank {Rank}: rank {Peer} has not come to exchange {Expected} within {Limit.TotalSeconds:0.###} s; its flag {Block} says {Got}";
}
