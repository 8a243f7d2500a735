using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Diagnostics;

/// <summary>What the gateway logs: lines a request, none a token.</summary>
internal static partial class GatewayLog
{
    public const string Component = "gateway";

    [LoggerMessage(500, LogLevel.Information, "serving on {Ranks} ranks: {Placement}, {Sequences} sequences at once, {Length} tokens each")]
    public static partial void Serving(ILogger log, int ranks, string placement, int sequences, int length);

    [LoggerMessage(501, LogLevel.Debug, "request admitted at rank {Rank}: {PromptTokens} prompt tokens, up to {MaxTokens} more, {Waiting} still wait")]
    public static partial void Admitted(ILogger log, int rank, int promptTokens, int maxTokens, int waiting);

    [LoggerMessage(502, LogLevel.Debug, "request ended by {Reason}: {Tokens} tokens, prefill {Prefill:0.000} s, decode {Decode:0.000} s")]
    public static partial void Ended(ILogger log, Serving.EndReason reason, int tokens, double prefill, double decode);

    [LoggerMessage(503, LogLevel.Debug, "request refused: {Reason}")]
    public static partial void Refused(ILogger log, string reason);

    [LoggerMessage(504, LogLevel.Information, "serving failed, {Requests} requests end: {Reason}")]
    public static partial void Failed(ILogger log, int requests, string reason);
}
