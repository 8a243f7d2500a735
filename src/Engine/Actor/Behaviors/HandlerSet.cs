namespace Akka.Actor;

/// <summary>
/// The handlers of one behaviour, in the order of their declaration. For each type of message that came it remembers
/// which of them can apply, so a message meets no handler that its type rules out.
/// </summary>
internal sealed class HandlerSet
{
    private readonly List<MessageHandler> _handlers = [];
    private readonly Dictionary<Type, MessageHandler[]> _byType = [];
    private Type? _lastType;
    private MessageHandler[] _lastCandidates = [];

    /// <summary>Whether a handler takes everything, so that no other could follow.</summary>
    public bool IsComplete { get; set; }

    public void Add(MessageHandler handler)
    {
        if (IsComplete)
        {
            throw new InvalidOperationException("ReceiveAny has been declared already: a handler after it would never be called. Declare it first.");
        }

        _handlers.Add(handler);
    }

    /// <summary>Gives the message to the first handler that takes it; false when none does.</summary>
    public bool Handle(object message)
    {
        Type type = message.GetType();
        MessageHandler[] candidates = type == _lastType ? _lastCandidates : CandidatesOf(type);
        foreach (MessageHandler handler in candidates)
        {
            if (handler.TryHandle(message))
            {
                return true;
            }
        }

        return false;
    }

    private MessageHandler[] CandidatesOf(Type type)
    {
        if (!_byType.TryGetValue(type, out MessageHandler[]? candidates))
        {
            candidates = _handlers.FindAll(handler => handler.MessageType.IsAssignableFrom(type)).ToArray();
            _byType.Add(type, candidates);
        }

        _lastType = type;
        _lastCandidates = candidates;
        return candidates;
    }
}

/// <summary>One declared handler.</summary>
internal abstract class MessageHandler(Type messageType)
{
    public Type MessageType { get; } = messageType;

    /// <summary>Handles a message of the handler's type, unless its condition says no.</summary>
    public abstract bool TryHandle(object message);
}

/// <summary>A handler that takes what its condition takes.</summary>
internal sealed class ActionHandler<T>(Action<T> handler, Predicate<T>? shouldHandle) : MessageHandler(typeof(T))
{
    public override bool TryHandle(object message)
    {
        T typed = (T)message;
        if (shouldHandle is not null && !shouldHandle(typed))
        {
            return false;
        }

        handler(typed);
        return true;
    }
}

/// <summary>A handler that decides itself whether it takes a message.</summary>
internal sealed class FuncHandler<T>(Func<T, bool> handler) : MessageHandler(typeof(T))
{
    public override bool TryHandle(object message) => handler((T)message);
}

/// <summary>A handler for a type that is known only while running.</summary>
internal sealed class RuntimeTypeHandler(Type messageType, Action<object> handler, Predicate<object>? shouldHandle) : MessageHandler(messageType)
{
    public override bool TryHandle(object message)
    {
        if (shouldHandle is not null && !shouldHandle(message))
        {
            return false;
        }

        handler(message);
        return true;
    }
}
