namespace Actors.Runtime.Serving;

/// <summary>Limits of serving.</summary>
/// <param name="SlotsPerRank">Sequences that an expert rank serves at once.</param>
/// <param name="MaxLength">Most tokens of a sequence, prompt and answer.</param>
/// <param name="MaxWaiting">Most requests that wait for a slot; one more is refused.</param>
public sealed record InferenceOptions(int SlotsPerRank, int MaxLength, int MaxWaiting)
{
    /// <summary>When nothing has moved for this long, serving is given up and what the ranks wait for is said; infinite: never.</summary>
    public required TimeSpan StallTimeout { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is below 1.</exception>
    public InferenceOptions Validated()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SlotsPerRank);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxWaiting);
        return this;
    }

    /// <summary>Why a prompt of so many tokens cannot be served; null: it can.</summary>
    internal string? RefusalOf(int promptTokens) => promptTokens >= MaxLength
        ? $"the prompt has {promptTokens} tokens; with the answer a sequence may have {MaxLength}: shorten it or raise actors.inference.max-length"
        : null;
}
