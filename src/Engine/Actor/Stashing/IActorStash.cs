namespace Akka.Actor;

/// <summary>An actor with a stash, which the engine sets before the first message.</summary>
public interface IActorStash
{
    /// <summary>The stash.</summary>
    IStash Stash { get; set; }
}

/// <summary>An actor with a stash; its limit is <c>stash-capacity</c> of its deployment.</summary>
public interface IWithStash : IActorStash
{
}

/// <summary>An actor with a stash that works on every mailbox.</summary>
public interface IWithUnrestrictedStash : IActorStash
{
}

/// <summary>An actor with a stash.</summary>
public interface IWithUnboundedStash : IWithUnrestrictedStash
{
}
