using Akka.Actor;

namespace Actors.Runtime.Training;

/// <summary>A node of the run: makes the ranks that the coordinator places on it.</summary>
/// <param name="memory">Data plane of the process.</param>
public sealed class NodeActor(RankMemory memory) : UntypedActor
{
    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not PlaceRanks place)
        {
            Unhandled(message);
            return;
        }

        IActorRef coordinator = Sender;
        foreach (int rank in place.Ranks)
        {
            Context.ActorOf(Props.Create(() => new RankActor(rank, memory, coordinator)), $"rank-{rank}");
        }
    }
}
