using Actors.Simulation.Turns;
using Akka.Actor;

namespace Actors.Simulation.Faults;

/// <summary>A process of a simulated cluster, from its start to its end. One that comes after it in the same place is another.</summary>
/// <param name="number">Its number, in the order of starts.</param>
/// <param name="turns">Its turns.</param>
internal sealed class SimulatedProcess(int number, ProcessTurns turns)
{
    /// <summary>The port in every address; processes are told apart by their hosts.</summary>
    public const int Port = 4053;

    public int Number { get; } = number;

    public ProcessTurns Turns { get; } = turns;

    public string Name => Turns.Name;

    public Address Address { get; } = new("akka.tcp", "actors", turns.Name, Port);

    /// <summary>Parent of its actors.</summary>
    public IActorRef Root { get; set; } = ActorRefs.Nobody;

    /// <summary>The actor that stands for it.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    /// <summary>The actor that stands for it as it serves.</summary>
    public IActorRef Serving { get; set; } = ActorRefs.Nobody;

    /// <summary>Where it receives callers.</summary>
    public IActorRef Front { get; set; } = ActorRefs.Nobody;

    /// <summary>The leader, where it runs here.</summary>
    public IActorRef? Leader { get; set; }

    /// <summary>Whether the leader has let it go.</summary>
    public bool MayLeave { get; set; }

    /// <summary>Which side of a partition it is on.</summary>
    public int Side { get; set; }

    public bool HasEnded => Turns.IsDropped;

    public bool IsPaused => Turns.IsHeld;
}
