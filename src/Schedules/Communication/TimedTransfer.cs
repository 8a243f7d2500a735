namespace Actors.Schedules.Communication;

/// <summary>A transfer with its place: a gap of a rank is named by the position of the computation after it.</summary>
internal struct TimedTransfer
{
    public Transfer Transfer;
    public int Sender;
    public int Receiver;

    /// <summary>Where the send stands in the sender's list: directly after the computation of what it sends.</summary>
    public int SenderGap;

    /// <summary>Where the receive stands in the receiver's list.</summary>
    public int ReceiverGap;

    /// <summary>Position of the computation that needs it, in the receiver's list.</summary>
    public int ConsumerPosition;

    /// <summary>When it happens, for both ranks.</summary>
    public int Time;
}
