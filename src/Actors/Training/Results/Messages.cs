using System.Collections.Immutable;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Pipeline;
using MemoryPack;

namespace Actors.Runtime.Training.Results;

/// <summary>
/// User → coordinator → stage, between steps: send me a piece of what your rank keeps. The stage answers the asker itself, who asks for the
/// next piece when it has this one; or <see cref="ResultRefused"/>.
/// </summary>
/// <param name="Rank">Number of the rank in the run.</param>
public abstract record ReadResult(int Rank) : IControlMessage;

/// <summary>A piece of a tensor's elements, row by row. Answered by <see cref="ElementsRead"/>.</summary>
/// <param name="Rank">Number of the rank in the run.</param>
/// <param name="First">First element, from the tensor's start.</param>
/// <param name="Count">Elements of the piece, at most <see cref="MostElements"/>.</param>
public abstract record ReadElements(int Rank, long First, int Count) : ReadResult(Rank)
{
    /// <summary>Elements, of 4 bytes, of the largest piece: with them a message stays below 128,000 bytes.</summary>
    public const int MostElements = 16_384;
}

/// <summary>Logits of a chunk that the last capturing batch kept (tokens, vocabulary), float32.</summary>
/// <param name="Rank">Number of the rank in the run.</param>
/// <param name="Depth">0: of the model; k: of prediction module k.</param>
/// <param name="MicroBatch">The chunk.</param>
/// <param name="First">First element.</param>
/// <param name="Count">Elements.</param>
[MemoryPackable]
public sealed partial record ReadLogits(int Rank, int Depth, int MicroBatch, long First, int Count) : ReadElements(Rank, First, Count);

/// <summary>Expert choices of a chunk that the last capturing batch kept (tokens, K), int32.</summary>
/// <param name="Rank">Number of the rank in the run.</param>
/// <param name="Layer">Layer of the model.</param>
/// <param name="MicroBatch">The chunk.</param>
/// <param name="First">First element.</param>
/// <param name="Count">Elements.</param>
[MemoryPackable]
public sealed partial record ReadExperts(int Rank, int Layer, int MicroBatch, long First, int Count) : ReadElements(Rank, First, Count);

/// <summary>The gradient of a block that the rank owns, summed over all ranks, float32.</summary>
/// <param name="Rank">Number of the rank in the run.</param>
/// <param name="Block">Number of the block in the model.</param>
/// <param name="First">First element.</param>
/// <param name="Count">Elements.</param>
[MemoryPackable]
public sealed partial record ReadGradient(int Rank, int Block, long First, int Count) : ReadElements(Rank, First, Count);

/// <summary>What the rank has traced. Answered by <see cref="EventsRead"/>.</summary>
/// <param name="Rank">Number of the rank in the run.</param>
/// <param name="First">First event.</param>
[MemoryPackable]
public sealed partial record ReadTrace(int Rank, int First) : ReadResult(Rank)
{
    /// <summary>Events of the largest piece.</summary>
    public const int MostEvents = 1_000;
}

/// <summary>What the rank has moved. Answered by <see cref="RankTraffic"/>.</summary>
/// <param name="Rank">Number of the rank in the run.</param>
[MemoryPackable]
public sealed partial record ReadTraffic(int Rank) : ReadResult(Rank);

/// <summary>Stage → asker: the piece.</summary>
/// <param name="Bytes">The elements as they lie in memory, little-endian.</param>
[MemoryPackable]
public sealed partial record ElementsRead(ImmutableArray<byte> Bytes) : IControlMessage;

/// <summary>Stage → asker: the piece.</summary>
/// <param name="Events">At most <see cref="ReadTrace.MostEvents"/> events, in the order in which the stage was done with them.</param>
/// <param name="Kept">Events that the rank has kept, all pieces together.</param>
/// <param name="Dropped">Events that did not fit.</param>
[MemoryPackable]
public sealed partial record EventsRead(ImmutableArray<TraceEvent> Events, int Kept, long Dropped) : IControlMessage;

/// <summary>Stage → asker: what was asked for is not there.</summary>
/// <param name="Reason">What and why, one line.</param>
[MemoryPackable]
public sealed partial record ResultRefused(string Reason) : IControlMessage;
