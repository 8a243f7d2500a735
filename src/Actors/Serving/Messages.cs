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

    /// <summary>
    /// The beginning of the answer, where it is known from before: it is computed again as it was, without being told again, and the
    /// answer goes on behind it as it would have.
    /// </summary>
    public ImmutableArray<int> Answered { get; init; } = [];

    /// <summary>How tokens are drawn.</summary>
    internal Sampling Sampling => new(Temperature, TopP, Seed);

    /// <summary>Why the request cannot be served, and how to fix it; null: it can.</summary>
    internal string? Refusal(InferenceOptions options, int vocabulary)
    {
        if (Prompt.IsDefaultOrEmpty)
        {
            return "the prompt is empty: give at least one token";
        }

        if (options.RefusalOf(Prompt.Length) is { } refusal)
        {
            return refusal;
        }

        foreach (int token in (ReadOnlySpan<int>)[.. Prompt, .. Answered])
        {
            if ((uint)token >= (uint)vocabulary)
            {
                return $"the prompt has token {token}; the vocabulary is 0..{vocabulary - 1}";
            }
        }

        return MaxTokens < 1 || !Sampling.IsValid
            ? $"max tokens {MaxTokens}, temperature {Temperature}, top-p {TopP}: they must be at least 1, at least 0, and above 0 up to 1"
            : null;
    }
}

/// <summary>User → gateway: end my request. Answered by <see cref="InferenceEnded"/>, unless it has ended.</summary>
public sealed record StopInference : INoSerializationVerificationNeeded;

/// <summary>Leader → gateway: place your ranks on these nodes and serve.</summary>
/// <param name="Nodes">A node actor for each node of the plan.</param>
internal sealed record ServeOver(ImmutableArray<IActorRef> Nodes) : INoSerializationVerificationNeeded;

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
    : BeginStep(0, Mode, ChecksFinite), INoSerializationVerificationNeeded
{
    /// <summary>Whether every rank has decoded as many rows before, so that none allocates memory in this step.</summary>
    public bool IsRepeated { get; set; }
}
