namespace Akka.Actor;

/// <summary>Marks messages that the engine handles itself, before the actor's own behaviour.</summary>
public interface IAutoReceivedMessage
{
}

/// <summary>Marks messages that do not count as activity for the receive timeout.</summary>
public interface INotInfluenceReceiveTimeout
{
}

/// <summary>Marks messages that a stranger should not be able to send over the network.</summary>
public interface IPossiblyHarmful
{
}

/// <summary>Marks messages that never leave their process.</summary>
public interface INoSerializationVerificationNeeded
{
}

/// <summary>A message around another.</summary>
public interface IWrappedMessage
{
    /// <summary>What it wraps.</summary>
    object Message { get; }
}
