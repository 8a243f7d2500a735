using System.Collections.Immutable;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Pipeline;
using Akka.Actor;
using MemoryPack;

namespace Actors.Runtime.Serving;

/// <summary>
/// User → gateway: continue a prompt. Answered by a <see cref="TokenGenerated"/> a token and one <see cref="InferenceEnded"/>,
/// or by <see cref="InferenceRefused"/>.
/// </summary>
/// <param name="Prompt">Token ids, at least one.</param>
/// <param name="MaxTokens">Most tokens to generate.</param>
/// <param name="Temperature">0 takes the likeliest token, else logits are divided by it.</param>
/// <param name="TopP">Probability of the likeliest tokens to choose among.</param>
/// <param name="Seed">Start of the request's random numbers.</param>
[MemoryPackable]
public sealed partial record Infer(ImmutableArray<int> Prompt, int MaxTokens, double Temperature = 0, double TopP = 1, ulong Seed = 0) : IControlMessage
{
    /// <summary>Tokens that end the answer.</summary>
    public ImmutableArray<int> EndTokens { get; init; } = [];
}

/// <summary>Gateway → user: the next token of the answer.</summary>
/// <param name="Token">Its id.</param>
[MemoryPackable]
public sealed partial record TokenGenerated(int Token) : IControlMessage;

/// <summary>Why an answer ended.</summary>
public enum EndReason
{
    /// <summary>As many tokens as were asked for.</summary>
    MaxTokens,

    /// <summary>An end token came.</summary>
    EndToken,

    /// <summary>The sequence is as long as the cache allows.</summary>
    MaxLength,

    /// <summary>The user asked to stop.</summary>
    Stopped,
}

/// <summary>Gateway → user: the answer is complete.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="PrefillSeconds">From the request's first step to its first token.</param>
/// <param name="DecodeSeconds">From the first token to the last.</param>
[MemoryPackable]
public sealed partial record InferenceEnded(EndReason Reason, int Tokens, double PrefillSeconds, double DecodeSeconds) : IControlMessage;

/// <summary>Gateway → user: the request cannot be served; the reason says how to mend it.</summary>
[MemoryPackable]
public sealed partial record InferenceRefused(string Reason) : IControlMessage;

/// <summary>Gateway → user: the request cannot be served because serving has failed, or the model's logits after its tokens are not finite.</summary>
/// <param name="Reason">What failed, one line.</param>
/// <param name="Detail">The failure with its stack trace, where there is one.</param>
[MemoryPackable]
public sealed partial record InferenceFailed(string Reason, string? Detail) : IControlMessage;

/// <summary>Gateway → the stages of an expert rank: play the timetable once over a batch. It is made once and sent again in every step.</summary>
/// <param name="Mode">Prefill or decode.</param>
/// <param name="Batch">The rank's sequences.</param>
/// <param name="ChecksFinite">Whether every layer's output is searched for what is no finite number.</param>
internal sealed record ServeStep(StepMode Mode, SequenceBatch Batch, bool ChecksFinite = false)
    : BeginStep(0, Mode, ChecksFinite), INoSerializationVerificationNeeded;

/// <summary>Stage → gateway: the timetable has been played. It is made once; the gateway has read it before the next step begins.</summary>
/// <param name="Rank">Rank of the whole run.</param>
/// <param name="Slots">Most sequences.</param>
internal sealed record StageServed(int Rank, int Slots) : INoSerializationVerificationNeeded
{
    /// <summary>Stands for the token of a sequence whose logits are not finite.</summary>
    public const int NoToken = -1;

    private readonly int[] _tokens = new int[Slots];

    /// <summary>The token drawn for each sequence of the step; of no meaning where the rank has no output head.</summary>
    public Span<int> Tokens => _tokens;

    /// <summary>The first part of the model whose output at this rank is not finite, see <see cref="StagePlayed"/>.</summary>
    public int? FirstNonFinitePart { get; set; }
}
