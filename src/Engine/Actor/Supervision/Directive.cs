namespace Akka.Actor;

/// <summary>What a supervisor does about a failed child.</summary>
public enum Directive
{
    /// <summary>Goes on with the same instance and the next message.</summary>
    Resume,

    /// <summary>Puts a fresh instance in its place; messages in the mailbox stay.</summary>
    Restart,

    /// <summary>Fails itself, for the same reason.</summary>
    Escalate,

    /// <summary>Stops it.</summary>
    Stop,
}
