namespace Actors.Schedules;

/// <summary>What a rank does with one chunk (one micro-batch at one stage). The letters are those of PyTorch's pipelining.</summary>
public enum ActionKind : byte
{
    /// <summary><c>F</c>: the forward of a chunk.</summary>
    Forward,

    /// <summary><c>I</c>: the backward of a chunk for its input only; its <c>W</c> follows later.</summary>
    BackwardInput,

    /// <summary><c>W</c>: the backward of a chunk for its weights, after its <c>I</c>.</summary>
    BackwardWeights,

    /// <summary><c>B</c>: the full backward of a chunk, input and weights.</summary>
    Backward,

    /// <summary><c>OVERLAP_F_B</c>: the forward of one chunk and the full backward of another, overlapped on one rank.</summary>
    Pair,
}
