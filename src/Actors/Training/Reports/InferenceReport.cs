using Actors.Runtime.Serving;

namespace Actors.Runtime.Training.Reports;

/// <summary>What a request for text took.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="NewTokens">Tokens that were added.</param>
/// <param name="Prefill">Duration until the first new token.</param>
/// <param name="Decode">Duration of the others.</param>
/// <param name="Reason">Why the text ended.</param>
public sealed record InferenceReport(int PromptTokens, int NewTokens, TimeSpan Prefill, TimeSpan Decode, EndReason Reason)
{
    /// <summary>New tokens after the first a second; null where there are none.</summary>
    public double? TokensPerSecond => NewTokens > 1 && Decode > TimeSpan.Zero ? (NewTokens - 1) / Decode.TotalSeconds : null;
}
