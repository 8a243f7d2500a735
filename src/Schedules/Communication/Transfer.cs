namespace Actors.Schedules.Communication;

/// <summary>
/// A result that the next computation of its micro-batch needs: a forward's output, needed by the stage after, or a backward's input
/// gradient, needed by the stage before. Where both stages lie on different ranks it has to be sent.
/// </summary>
/// <param name="IsForward">Whether it is a forward's output.</param>
/// <param name="Stage">The stage that computes it.</param>
/// <param name="MicroBatch">Its micro-batch.</param>
internal readonly record struct Transfer(bool IsForward, int Stage, int MicroBatch)
{
    /// <summary>The stage that needs it; there is none where this is outside the timetable.</summary>
    public int ConsumerStage => IsForward ? Stage + 1 : Stage - 1;

    public StageAction Send => IsForward ? StageAction.SendForward(Stage, MicroBatch) : StageAction.SendBackward(Stage, MicroBatch);

    public StageAction Receive
        => IsForward ? StageAction.ReceiveForward(ConsumerStage, MicroBatch) : StageAction.ReceiveBackward(ConsumerStage, MicroBatch);

    /// <summary>What a single computation leaves for others; null for W.</summary>
    public static Transfer? OfResult(in StageAction computation) => computation.Kind switch
    {
        ActionKind.Forward => new Transfer(true, computation.Stage, computation.MicroBatch),
        ActionKind.BackwardInput or ActionKind.Backward => new Transfer(false, computation.Stage, computation.MicroBatch),
        _ => null,
    };

    /// <summary>What a single computation needs from another stage; null for W. At the pipeline's ends its stage is outside.</summary>
    public static Transfer? OfInput(in StageAction computation) => computation.Kind switch
    {
        ActionKind.Forward => new Transfer(true, computation.Stage - 1, computation.MicroBatch),
        ActionKind.BackwardInput or ActionKind.Backward => new Transfer(false, computation.Stage + 1, computation.MicroBatch),
        _ => null,
    };

    /// <summary>What a send or receive moves. Its stages may be outside the timetable.</summary>
    public static Transfer Of(in StageAction communication) => communication.Kind switch
    {
        ActionKind.SendForward => new Transfer(true, communication.Stage, communication.MicroBatch),
        ActionKind.ReceiveForward => new Transfer(true, communication.Stage - 1, communication.MicroBatch),
        ActionKind.SendBackward => new Transfer(false, communication.Stage, communication.MicroBatch),
        ActionKind.ReceiveBackward => new Transfer(false, communication.Stage + 1, communication.MicroBatch),
        _ => throw new ArgumentOutOfRangeException(nameof(communication), communication, "Only a send or a receive moves something."),
    };

    /// <summary>Whether a timetable of so many stages has both the stage that computes it and the one that needs it.</summary>
    public bool IsWithin(int stages) => (uint)Stage < (uint)stages && (uint)ConsumerStage < (uint)stages;

    public int SenderIn(Placement placement) => placement.RankOf(Stage, MicroBatch);

    public int ReceiverIn(Placement placement) => placement.RankOf(ConsumerStage, MicroBatch);

    /// <summary>A number of its own, from 0 to 2 x stages x micro-batches − 1.</summary>
    public int SlotOf(int microBatches) => 2 * (Stage * microBatches + MicroBatch) + (IsForward ? 0 : 1);
}
