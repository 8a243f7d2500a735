namespace Actors.Runtime.Cluster.Links;

/// <summary>Which message a frame stands for. The numbers are part of the protocol between processes.</summary>
public enum FrameKind
{
    /// <summary><see cref="Fabric.HeaderArrived"/>; the payload is its counts.</summary>
    Header = 1,

    /// <summary><see cref="Fabric.ChunkArrived"/>; the payload is the slot, unless memory is shared.</summary>
    Chunk = 2,

    /// <summary><see cref="Fabric.SlotReleased"/>.</summary>
    SlotReleased = 3,

    /// <summary><see cref="Pipeline.ActivationArrived"/>; the payload is the rows.</summary>
    Activation = 4,

    /// <summary><see cref="Pipeline.GradientArrived"/>; the payload is the rows.</summary>
    Gradient = 5,

    /// <summary><see cref="Pipeline.BlockSumArrived"/> of ranks before; the payload is the sum.</summary>
    BlockSum = 6,

    /// <summary><see cref="Pipeline.BlockSumArrived"/> of all ranks; the payload is the sum.</summary>
    WholeBlockSum = 7,

    /// <summary><see cref="Pipeline.BlockValuesArrived"/>; the payload is the values.</summary>
    BlockValues = 8,

    /// <summary><see cref="Fabric.Links.FrameReleased"/>.</summary>
    FrameReleased = 9,

    /// <summary><see cref="Training.Copies.BlockCopyArrived"/>; the payload is the summed gradient.</summary>
    BlockCopy = 10,

    /// <summary><see cref="Training.Copies.BlockCopied"/>.</summary>
    BlockCopied = 11,

    /// <summary><see cref="Serving.ServeStep"/>; the payload is its sequences and their tokens.</summary>
    ServeStep = 12,

    /// <summary><see cref="Serving.StageServed"/>; the payload is the tokens drawn.</summary>
    StageServed = 13,
}
