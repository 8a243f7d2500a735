using Actors.Model.Layers;

namespace Actors.Oracle;

/// <summary>Sizes that the serial model plans for.</summary>
/// <param name="SourceRanks">Chunks that a micro-batch is cut into.</param>
/// <param name="MaxChunkSequences">Sequences of the largest chunk.</param>
/// <param name="MaxSequenceLength">Tokens of the longest sequence.</param>
/// <param name="Mode">What activations keep.</param>
/// <param name="LogitsLimit">Bytes of a chunk's logits beyond which they go in blocks of rows and cannot be read, as <see cref="LogitsBlocks.Limit"/>; null: they never do.</param>
public sealed record SerialOptions(int SourceRanks, int MaxChunkSequences, int MaxSequenceLength, ActivationMode Mode, long? LogitsLimit = null);
