namespace Actors.Runtime.Pipeline;

/// <summary>How the work of a component goes on after it was started.</summary>
internal enum Execution
{
    /// <summary>It has ended.</summary>
    Finished,

    /// <summary>It was enqueued on the stage's stream.</summary>
    OnStream,

    /// <summary>The shard runs it and sends a message at its end.</summary>
    Elsewhere,
}
