namespace Actors.Schedules.Checking;

/// <summary>Where each part of each chunk's work stands first in a timetable: its F, I, W and B.</summary>
internal sealed class ChunkLedger
{
    private const int Kinds = 4;

    private readonly int _microBatches;
    private readonly int[] _rank;
    private readonly int[] _position;

    public ChunkLedger(int stages, int microBatches)
    {
        _microBatches = microBatches;
        _rank = new int[Kinds * stages * microBatches];
        _position = new int[_rank.Length];
        Array.Fill(_rank, -1);
    }

    public bool Has(ActionKind kind, int stage, int microBatch) => _rank[IndexOf(kind, stage, microBatch)] >= 0;

    public (int Rank, int Position) PlaceOf(ActionKind kind, int stage, int microBatch)
    {
        var index = IndexOf(kind, stage, microBatch);
        return (_rank[index], _position[index]);
    }

    /// <summary>The action that computes a chunk's input gradient: its I where it has one, else its B.</summary>
    public StageAction InputGradientOf(int stage, int microBatch)
        => Has(ActionKind.BackwardInput, stage, microBatch)
            ? StageAction.BackwardInput(stage, microBatch)
            : StageAction.Backward(stage, microBatch);

    public void Enter(in StageAction action, int rank, int position)
    {
        var index = IndexOf(action.Kind, action.Stage, action.MicroBatch);
        _rank[index] = rank;
        _position[index] = position;
    }

    private int IndexOf(ActionKind kind, int stage, int microBatch) => Kinds * (stage * _microBatches + microBatch) + (int)kind;
}
