namespace Actors.Simulation.Faults;

/// <summary>What a history has beside training and faults.</summary>
[Flags]
public enum HistoryParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Each rank's state is copied in another process (<c>training.replicas = 1</c>): no step is trained again for the loss of one.</summary>
    Copies = 1,

    /// <summary>A process, the leader's or another, leaves in good order.</summary>
    Leave = 2,

    /// <summary>The cluster answers prompts beside training.</summary>
    Prompts = 4,
}
