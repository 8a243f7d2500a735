namespace Actors.Schedules.Generators;

/// <summary>One stage on one rank in one direction, with the micro-batches that are next there. Micro-batches are taken in order.</summary>
internal sealed class Lane(int stage, int firstMicroBatch)
{
    private int _nextForward = firstMicroBatch;
    private int _nextBackward = firstMicroBatch;

    public int Stage { get; } = stage;

    public int TakeForward() => _nextForward++;

    public int TakeBackward() => _nextBackward++;
}
