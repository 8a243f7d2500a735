using System.Runtime.InteropServices;
using Actors.Runtime.Peers;
using Akka.Actor;

namespace Actors.Runtime.Serving;

/// <summary>
/// Stage → gateway: the timetable has been played. It is made once; the gateway has read it before the next step begins. Where the stage lives
/// in another process, a link reads the tokens there and writes them to the gateway's own copy.
/// </summary>
/// <param name="Rank">Rank of the whole run.</param>
/// <param name="Slots">Most sequences.</param>
internal sealed record StageServed(int Rank, int Slots) : INoSerializationVerificationNeeded, IFrameSent
{
    /// <summary>Stands for the token of a sequence whose logits are not finite.</summary>
    public const int NoToken = -1;

    private readonly int[] _tokens = GC.AllocateArray<int>(Slots, pinned: true);

    /// <summary>The token drawn for each sequence of the step; of no meaning where the rank has no output head.</summary>
    public Span<int> Tokens => _tokens;

    /// <summary>Sequences of the step whose tokens were drawn here; 0 where the rank has no output head.</summary>
    public int Count { get; set; }

    /// <summary>The first part of the model whose output at this rank is not finite, see <see cref="Pipeline.StagePlayed"/>.</summary>
    public int? FirstNonFinitePart { get; set; }

    /// <summary>The memory of so many tokens, for a link to read or to fill.</summary>
    public PayloadPart Part(int count) => new(Marshal.UnsafeAddrOfPinnedArrayElement(_tokens, 0), (long)count * sizeof(int));

    /// <summary>Nothing to do: the stage writes again when the gateway has begun the next step, and so has read all of it.</summary>
    void IFrameSent.Sent()
    {
    }
}
