using Akka.Actor;
using Akka.Remote;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Ends a process that the others have taken out of the cluster while it stood still. It would not learn of that from membership: they talk to
/// it no more, and it would think that it is they who are gone, and go on alone. A refusal by one that is no member any more, such as a
/// process that has woken up so, is none.
/// </summary>
internal sealed class QuarantineWatch : UntypedActor
{
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

    /// <inheritdoc/>
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is ThisActorSystemQuarantinedEvent refused && _cluster.State.Members.Any(member => member.Address.Equals(refused.RemoteAddress)))
        {
            _cluster.Down(_cluster.SelfAddress);
        }
    }
}
