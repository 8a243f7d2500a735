using System.Diagnostics;
using Actors.Runtime.Fabric;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>A rank's stage cut down to routing: takes starts, and says when the rank's tokens of an exchange are back.</summary>
internal abstract class RankActor : UntypedActor
{
    private readonly ExchangeEnded[] _ended;
    private readonly long[] _intendedTicks;
    private IActorRef _coordinator = ActorRefs.Nobody;

    /// <param name="exchanges">Exchanges that may be under way.</param>
    protected RankActor(int exchanges)
    {
        _ended = [.. Enumerable.Range(0, exchanges).Select(static exchange => new ExchangeEnded(exchange))];
        _intendedTicks = new long[exchanges];
    }

    protected sealed override void OnReceive(object message)
    {
        if (message is StartExchange start)
        {
            _coordinator = Sender;
            _intendedTicks[start.Exchange] = start.IntendedTicks;
            Start(start.Exchange);
        }
        else if (message is GroupAddresses addresses)
        {
            Connect(addresses);
            Sender.Tell(AddressesTaken.Instance, Self);
        }
        else if (!Handle(message))
        {
            Unhandled(message);
        }
    }

    /// <summary>Takes what it needs to reach the others; nothing starts before all ranks have.</summary>
    protected abstract void Connect(GroupAddresses addresses);

    /// <summary>Sends the rank's tokens of an exchange.</summary>
    protected abstract void Start(int exchange);

    /// <summary>Takes what other actors of the group tell; false where it is unknown.</summary>
    protected abstract bool Handle(object message);

    /// <summary>The rank's tokens of an exchange are back.</summary>
    protected void End(int exchange)
    {
        _ended[exchange].Ticks = Stopwatch.GetTimestamp() - _intendedTicks[exchange];
        _coordinator.Tell(_ended[exchange], Self);
    }
}
