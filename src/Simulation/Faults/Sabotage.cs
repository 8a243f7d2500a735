namespace Actors.Simulation.Faults;

/// <summary>What can be broken on purpose, to see that the checkers notice.</summary>
public enum Sabotage
{
    /// <summary>A link delivers frames of a lane out of order.</summary>
    ReorderedLane,

    /// <summary>A checkpoint loses a value between writing and reading.</summary>
    DamagedCheckpoint,

    /// <summary>The lowest bit of the first number of rows, gradients and values is turned over on its way.</summary>
    FlippedBit,

    /// <summary>Copies of another process's state are not filled.</summary>
    EmptyCopy,

    /// <summary>Rows are announced before a device has moved them: see <see cref="FaultOptions.OrdersStreams"/>.</summary>
    UnawaitedDevice,

    /// <summary>A control message is lost between processes that live and reach each other.</summary>
    LostMessage,
}
