using Akka.Actor.Internal;

namespace Akka.Actor;

/// <summary>Reads paths into selections and walks messages along them.</summary>
internal static class SelectionFactory
{
    public static ActorSelection Create(ActorPath path, ActorSystemImpl system) => new(system.RootAt(path.Address), path.Elements);

    /// <summary>A selection by full path, by path from the root (<c>/user/...</c>), or relative to <paramref name="lookupRoot"/>.</summary>
    public static ActorSelection Create(string path, ActorSystemImpl system, ActorRefBase lookupRoot)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains("://", StringComparison.Ordinal))
        {
            if (!Address.TryParse(path, out Address? address))
            {
                throw new UriFormatException($"'{path}' is not an actor path: write protocol://system/user/name.");
            }

            int slash = path.IndexOf('/', path.IndexOf("://", StringComparison.Ordinal) + 3);
            return new ActorSelection(system.RootAt(address), slash < 0 ? string.Empty : path[(slash + 1)..]);
        }

        return path[0] == '/' ? new ActorSelection(system.RootGuardian, path[1..]) : new ActorSelection(lookupRoot, path);
    }

    public static SelectionPathElement[] Steps(IEnumerable<string> elements)
    {
        List<SelectionPathElement> steps = [];
        foreach (string element in elements)
        {
            switch (element)
            {
                case "" or ".":
                    break;
                case "..":
                    steps.Add(SelectParent.Instance);
                    break;
                case "**":
                    steps.Add(SelectChildRecursive.Instance);
                    break;
                default:
                    bool isPattern = element.AsSpan().ContainsAny('*', '?');
                    steps.Add(isPattern ? new SelectChildPattern(element) : new SelectChildName(element));
                    break;
            }
        }

        return [.. steps];
    }

    /// <summary>Walks the steps from an actor and delivers to those at their end.</summary>
    public static void Deliver(ActorRefBase anchor, ActorSelectionMessage selection, IActorRef? sender)
    {
        ActorRefBase at = anchor;
        SelectionPathElement[] steps = selection.Elements;
        for (int i = 0; i < steps.Length; i++)
        {
            switch (steps[i])
            {
                case SelectParent:
                    at = at.Parent;
                    break;
                case SelectChildName step:
                    at = at.GetSingleChild(step.Name);
                    break;
                case SelectChildPattern pattern:
                    FanOut(at, pattern, steps.AsSpan(i + 1), selection.Message, sender);
                    return;
                case SelectChildRecursive:
                    DeliverBelow(at, steps.AsSpan(i + 1), selection.Message, sender);
                    return;
            }

            if (at is Nobody)
            {
                Miss(anchor, selection, sender);
                return;
            }
        }

        at.Tell(selection.Message, sender);
    }

    private static void FanOut(ActorRefBase parent, SelectChildPattern pattern, ReadOnlySpan<SelectionPathElement> rest, object message, IActorRef? sender)
    {
        SelectionPathElement[] left = rest.ToArray();
        foreach (IActorRef child in parent.GetChildren())
        {
            if (pattern.Fits(child.Path.Name))
            {
                Deliver((ActorRefBase)child, new ActorSelectionMessage(message, left, wildCardFanOut: true), sender);
            }
        }
    }

    /// <summary>With nothing after the recursive step, to everything below; otherwise the rest is walked from here and from everything below.</summary>
    private static void DeliverBelow(ActorRefBase parent, ReadOnlySpan<SelectionPathElement> rest, object message, IActorRef? sender)
    {
        if (rest.Length > 0)
        {
            Deliver(parent, new ActorSelectionMessage(message, rest.ToArray(), wildCardFanOut: true), sender);
        }

        foreach (IActorRef child in parent.GetChildren())
        {
            if (rest.Length == 0)
            {
                child.Tell(message, sender);
            }

            DeliverBelow((ActorRefBase)child, rest, message, sender);
        }
    }

    /// <summary>Nobody is there: a pattern's branch ends, anything else is a dead letter; who asked for identity gets an answer.</summary>
    private static void Miss(ActorRefBase anchor, ActorSelectionMessage selection, IActorRef? sender)
    {
        if (anchor.SystemImpl is not { } system)
        {
            return;
        }

        if (!selection.WildCardFanOut)
        {
            ActorPath path = anchor.Path / Array.ConvertAll(selection.Elements, static step => step.ToString()!);
            Undelivered.Handle(system, selection.Message, sender, new EmptyLocalActorRef(system, path));
        }
    }
}
