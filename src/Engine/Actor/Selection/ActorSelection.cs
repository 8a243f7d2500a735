namespace Akka.Actor;

/// <summary>
/// The actors along a path from an anchor, looked up anew for each message: whichever incarnation is there, or none, or
/// several when the path holds patterns.
/// </summary>
public class ActorSelection : ICanTell
{
    /// <summary>Creates a selection of the steps from <paramref name="anchor"/>.</summary>
    public ActorSelection(IActorRef anchor, SelectionPathElement[] path)
    {
        Anchor = anchor;
        Path = path;
    }

    /// <summary>Creates a selection by a path relative to <paramref name="anchor"/>.</summary>
    public ActorSelection(IActorRef anchor, string path)
        : this(anchor, path.Split('/'))
    {
    }

    /// <summary>Creates a selection by names and patterns from <paramref name="anchor"/>.</summary>
    public ActorSelection(IActorRef anchor, IEnumerable<string> elements)
        : this(anchor, SelectionFactory.Steps(elements))
    {
    }

    /// <summary>Where the path begins.</summary>
    public IActorRef Anchor { get; }

    /// <summary>The steps.</summary>
    public SelectionPathElement[] Path { get; }

    /// <summary>The steps as text, with a slash in front.</summary>
    public string PathString => "/" + string.Join('/', (object[])Path);

    /// <summary>Sends to whoever is there now; to the dead letters when nobody is.</summary>
    public void Tell(object message, IActorRef? sender = null) =>
        SelectionFactory.Deliver((ActorRefBase)Anchor, new ActorSelectionMessage(message, Path), sender ?? ActorCell.Current?.Self);

    /// <summary>The handle of the actor that is there.</summary>
    /// <exception cref="ActorNotFoundException">Nobody answered in time.</exception>
    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    /// <summary>The handle of the actor that is there.</summary>
    /// <exception cref="ActorNotFoundException">Nobody answered in time.</exception>
    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            ActorIdentity identity = await this.Ask<ActorIdentity>(new Identify(null), timeout, ct).ConfigureAwait(false);
            return identity.Subject ?? throw new ActorNotFoundException($"No actor at {this}.");
        }
        catch (AskTimeoutException failure)
        {
            throw new ActorNotFoundException($"No actor at {this} answered within {timeout}.", failure);
        }
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActorSelection other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Anchor, Path.Length);

    /// <inheritdoc/>
    public override string ToString() => $"ActorSelection[Anchor({Anchor.Path}), Path({PathString})]";

    /// <summary>Equality of anchor and steps.</summary>
    protected bool Equals(ActorSelection other) => Anchor.Equals(other.Anchor) && Path.AsSpan().SequenceEqual(other.Path);
}
