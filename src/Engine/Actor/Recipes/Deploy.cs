namespace Akka.Actor;

/// <summary>Where and with what an actor runs, as far as its recipe or the configuration says.</summary>
public class Deploy : IEquatable<Deploy>
{
    /// <summary>The stash capacity of who gives none.</summary>
    public const int NoStashSize = -1;

    /// <summary>The dispatcher of who gives none.</summary>
    public static readonly string NoDispatcherGiven = string.Empty;

    /// <summary>The mailbox of who gives none.</summary>
    public static readonly string NoMailboxGiven = string.Empty;

    /// <summary>A deployment that says nothing.</summary>
    public static readonly Deploy None = new(); // after the fields that it reads

    /// <summary>Creates a deployment that says nothing.</summary>
    public Deploy()
        : this(NoDispatcherGiven, NoMailboxGiven, NoStashSize)
    {
    }

    internal Deploy(string dispatcher, string mailbox, int stashCapacity)
    {
        Dispatcher = dispatcher;
        Mailbox = mailbox;
        StashCapacity = stashCapacity;
    }

    /// <summary>The configuration path of the dispatcher; empty for the default.</summary>
    public string Dispatcher { get; }

    /// <summary>The configuration path of the mailbox; empty for the default.</summary>
    public string Mailbox { get; }

    /// <summary>Most stashed messages; -1 for no limit.</summary>
    public int StashCapacity { get; }

    /// <summary>The same with another dispatcher.</summary>
    public virtual Deploy WithDispatcher(string dispatcher) => new(dispatcher, Mailbox, StashCapacity);

    /// <summary>The same with another mailbox.</summary>
    public virtual Deploy WithMailbox(string mailbox) => new(Dispatcher, mailbox, StashCapacity);

    /// <summary>The same with another limit for the stash.</summary>
    public virtual Deploy WithStashCapacity(int stashSize) => new(Dispatcher, Mailbox, stashSize);

    /// <summary>What this deployment says, and what <paramref name="other"/> says where this one says nothing.</summary>
    public virtual Deploy WithFallback(Deploy other) => new(
        Dispatcher.Length > 0 ? Dispatcher : other.Dispatcher,
        Mailbox.Length > 0 ? Mailbox : other.Mailbox,
        StashCapacity != NoStashSize ? StashCapacity : other.StashCapacity);

    /// <inheritdoc/>
    public bool Equals(Deploy? other) =>
        other is not null && Dispatcher == other.Dispatcher && Mailbox == other.Mailbox && StashCapacity == other.StashCapacity;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Deploy);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Dispatcher, Mailbox, StashCapacity);
}
