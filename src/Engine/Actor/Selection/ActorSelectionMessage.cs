namespace Akka.Actor;

/// <summary>A message on its way along a selection.</summary>
public class ActorSelectionMessage : IAutoReceivedMessage, IPossiblyHarmful, IWrappedMessage
{
    /// <summary>Creates the message.</summary>
    public ActorSelectionMessage(object message, SelectionPathElement[] elements, bool wildCardFanOut = false)
    {
        Message = message;
        Elements = elements;
        WildCardFanOut = wildCardFanOut;
    }

    /// <summary>What is sent.</summary>
    public object Message { get; }

    /// <summary>The steps left.</summary>
    public SelectionPathElement[] Elements { get; }

    /// <summary>Whether a pattern made several of one message, so that one that finds nobody is no loss.</summary>
    public bool WildCardFanOut { get; }

    /// <inheritdoc/>
    public override string ToString() => $"ActorSelectionMessage of {Message} to [{string.Join('/', (object[])Elements)}]";
}
