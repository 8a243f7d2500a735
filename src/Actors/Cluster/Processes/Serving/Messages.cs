using System.Collections.Immutable;
using Actors.Model.Tokenizers;
using Actors.Runtime.Cluster.Serialization;
using Akka.Actor;
using MemoryPack;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>
/// Caller → leader: go on with a prompt. Answered by <see cref="InferenceStanding"/>, numbered <see cref="AnswerTokens"/>, notices, and the
/// gateway's end of a request. Tokens beyond <paramref name="First"/> follow in pieces. Who asks for a request again that is there takes it over.
/// </summary>
/// <param name="Id">Names the request.</param>
/// <param name="From">Folder of a run or a model, which all processes see; null: the run that the cluster trains or has trained last.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="KnownTokens">Tokens of the answer that the caller has from before; they come behind the prompt's.</param>
/// <param name="First">The first tokens of both.</param>
/// <param name="MaxTokens">Most tokens of the answer.</param>
/// <param name="Temperature">0 takes the likeliest token, else logits are divided by it.</param>
/// <param name="TopP">Probability of the likeliest tokens to choose among.</param>
/// <param name="Seed">Start of the request's random numbers.</param>
[MemoryPackable]
public sealed partial record BeginInference(
    string Id, string? From, int PromptTokens, int KnownTokens, ImmutableArray<int> First, int MaxTokens, double Temperature, double TopP, ulong Seed)
    : IInferenceRequest;

/// <summary>Caller → leader: more tokens of a request. The next piece follows when this one has been acknowledged.</summary>
/// <param name="Id">The request.</param>
/// <param name="At">Tokens before it.</param>
/// <param name="Tokens">The tokens, at most <see cref="MostTokens"/>.</param>
[MemoryPackable]
public sealed partial record PromptPiece(string Id, int At, ImmutableArray<int> Tokens) : IInferenceRequest
{
    /// <summary>Tokens of the largest piece: 128 KB, well below what a message between processes may have.</summary>
    public const int MostTokens = 32768;
}

/// <summary>Caller → leader: I still wait for the answer, of which I have so many tokens. Said again and again: a silent caller's request is ended.</summary>
/// <param name="Id">The request.</param>
/// <param name="Received">Tokens of the answer that have come; those behind are sent again.</param>
[MemoryPackable]
public sealed partial record RenewInference(string Id, int Received) : IInferenceRequest;

/// <summary>Anyone → leader: end a request. From a caller that has the whole answer: forget it.</summary>
/// <param name="Id">The request.</param>
[MemoryPackable]
public sealed partial record CancelInference(string Id) : IInferenceRequest;

/// <summary>Leader → caller: the request is known.</summary>
/// <param name="Processes">Addresses of the cluster's processes, any of which takes requests.</param>
/// <param name="Received">Tokens of the request that have come.</param>
/// <param name="From">Folder whose values answer, which a new leader must be told; null: the model that the processes' settings name.</param>
[MemoryPackable]
public sealed partial record InferenceStanding(ImmutableArray<string> Processes, int Received, string? From) : IControlMessage;

/// <summary>Leader → caller: there is no such request; a new leader knows none of those before. Begin it again.</summary>
/// <param name="Id">The request.</param>
[MemoryPackable]
public sealed partial record InferenceUnknown(string Id) : IControlMessage;

/// <summary>Leader → caller: tokens of the answer.</summary>
/// <param name="At">Tokens of the answer before them.</param>
/// <param name="Tokens">The tokens.</param>
[MemoryPackable]
public sealed partial record AnswerTokens(int At, ImmutableArray<int> Tokens) : IControlMessage;

/// <summary>Caller → leader: what makes tokens of text, for the model that answers? Answered by <see cref="TokenizerRead"/>, or refused.</summary>
/// <param name="From">As in <see cref="BeginInference"/>.</param>
/// <param name="At">Bytes that the caller has.</param>
[MemoryPackable]
public sealed partial record ReadTokenizer(string? From, int At) : IControlMessage;

/// <summary>Leader → caller: a piece of the files of the model's tokenizer, or that its tokens are bytes.</summary>
/// <param name="From">Folder whose model it is of, to be named in what is asked next; null: the model that the processes' settings name.</param>
/// <param name="Name">The tokenizer.json, for messages.</param>
/// <param name="JsonBytes">Bytes of tokenizer.json, which is followed by tokenizer_config.json.</param>
/// <param name="AllBytes">Bytes of both; 0: a token is a byte.</param>
/// <param name="Hash">SHA-256 of both: pieces of different files do not belong together.</param>
/// <param name="At">Bytes before the piece.</param>
/// <param name="Bytes">The piece, at most <see cref="MostBytes"/>.</param>
[MemoryPackable]
public sealed partial record TokenizerRead(
    string? From, string Name, int JsonBytes, int AllBytes, ImmutableArray<byte> Hash, int At, ImmutableArray<byte> Bytes) : IControlMessage
{
    /// <summary>Bytes of the largest piece, well below what a message between processes may have.</summary>
    public const int MostBytes = 256 << 10;

    /// <summary>The piece behind a place.</summary>
    /// <param name="from">Folder whose model it is of.</param>
    /// <param name="files">The files; null: a token is a byte.</param>
    /// <param name="at">Bytes before it.</param>
    public static TokenizerRead Of(string? from, TokenizerFiles? files, int at)
    {
        if (files is null)
        {
            return new TokenizerRead(from, "", 0, 0, [], 0, []);
        }

        at = Math.Clamp(at, 0, files.Content.Length);
        ReadOnlySpan<byte> piece = files.Content.Span.Slice(at, Math.Min(MostBytes, files.Content.Length - at));
        return new TokenizerRead(from, files.Name, files.Json.Length, files.Content.Length, [.. files.Hash.Span], at, [.. piece]);
    }
}

/// <summary>Request → leader: its tokens are all there.</summary>
internal sealed record RequestReady(string Id) : INoSerializationVerificationNeeded;

/// <summary>Request → leader: it needs no gateway any more.</summary>
/// <param name="Id">The request.</param>
/// <param name="HasFailed">Whether the gateway said that serving failed.</param>
internal sealed record RequestOver(string Id, bool HasFailed) : INoSerializationVerificationNeeded;

/// <summary>Leader → request: here is who answers.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="EndTokens">Tokens that end an answer.</param>
/// <param name="Notice">Which values answer, for the caller.</param>
internal sealed record GatewayFound(IActorRef Gateway, ImmutableArray<int> EndTokens, string Notice) : INoSerializationVerificationNeeded;

/// <summary>Leader → request: who answered is gone; another follows.</summary>
/// <param name="Reason">Why, one line.</param>
internal sealed record GatewayLost(string Reason) : INoSerializationVerificationNeeded;

/// <summary>Leader → request: these are the cluster's processes now.</summary>
internal sealed record ProcessesKnown(ImmutableArray<string> Addresses) : INoSerializationVerificationNeeded;
