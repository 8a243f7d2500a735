namespace Actors.Schedules;

/// <summary>
/// What a rank does with one chunk (one micro-batch at one stage): it computes, sends or receives. The codes are those of PyTorch's
/// pipelining.
/// </summary>
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

    /// <summary><c>SEND_F</c>: a forward's output leaves for the rank of the next stage. The stage is the sender's.</summary>
    SendForward,

    /// <summary><c>RECV_F</c>: a forward's input arrives from the rank of the stage before. The stage is the receiver's.</summary>
    ReceiveForward,

    /// <summary><c>SEND_B</c>: a stage's input gradient leaves for the rank of the stage before. The stage is the sender's.</summary>
    SendBackward,

    /// <summary><c>RECV_B</c>: a stage's output gradient arrives from the rank of the next stage. The stage is the receiver's.</summary>
    ReceiveBackward,
}
