using System.Collections.Immutable;

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
public sealed record Infer(ImmutableArray<int> Prompt, int MaxTokens, double Temperature = 0, double TopP = 1, ulong Seed = 0)
{
    /// <summary>Tokens that end the answer.</summary>
    public ImmutableArray<int> EndTokens { get; init; } = [];
}

/// <summary>Gateway → user: the next token of the answer.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Position">Its place in the answer, from 0.</param>
public sealed record TokenGenerated(int Token, int Position);

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
public sealed record InferenceEnded(EndReason Reason, int Tokens, double PrefillSeconds, double DecodeSeconds);

/// <summary>Gateway → user: the request cannot be served; the reason says how to mend it.</summary>
public sealed record InferenceRefused(string Reason);

/// <summary>Gateway → user: the request cannot be served because serving has failed, or the model's logits after its tokens are not finite.</summary>
/// <param name="Reason">What failed, one line.</param>
/// <param name="Detail">The failure with its stack trace, where there is one.</param>
public sealed record InferenceFailed(string Reason, string? Detail);
