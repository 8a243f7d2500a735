namespace Actors.Runtime.Pipeline;

/// <summary>What a stage waits for.</summary>
internal enum WaitKind
{
    /// <summary>Rows that all ranks have begun to send.</summary>
    Rows,

    /// <summary>Rows that a rank has not yet begun to send.</summary>
    Skew,

    /// <summary>Another stage.</summary>
    Stage,
}
