namespace Akka.Actor;

/// <summary>A behaviour: handles a message and says whether it did.</summary>
/// <returns>False when the message is not one that the behaviour handles.</returns>
public delegate bool Receive(object message);

/// <summary>A behaviour that handles every message, or calls <c>Unhandled</c> itself.</summary>
public delegate void UntypedReceive(object message);
