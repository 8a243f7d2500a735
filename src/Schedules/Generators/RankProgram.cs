using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>Writes the list of one rank: numbers micro-batches per lane and keeps the backwards for weights in a FIFO.</summary>
internal sealed class RankProgram(int capacity)
{
    private readonly ImmutableArray<StageAction>.Builder _actions = ImmutableArray.CreateBuilder<StageAction>(capacity);
    private readonly Queue<StageAction> _owedWeights = new();

    public void Forward(Lane lane) => _actions.Add(StageAction.Forward(lane.Stage, lane.TakeForward()));

    public void Backward(Lane lane) => _actions.Add(StageAction.Backward(lane.Stage, lane.TakeBackward()));

    /// <summary>A backward for input only; its weights are owed until a later <see cref="Weights"/>.</summary>
    public void BackwardInput(Lane lane)
    {
        var microBatch = lane.TakeBackward();
        _actions.Add(StageAction.BackwardInput(lane.Stage, microBatch));
        _owedWeights.Enqueue(StageAction.BackwardWeights(lane.Stage, microBatch));
    }

    /// <summary>The backward for weights that has been owed longest.</summary>
    public void Weights() => _actions.Add(_owedWeights.Dequeue());

    /// <summary>Backwards for weights, oldest first, until no more than <paramref name="limit"/> are owed.</summary>
    public void WeightsDownTo(int limit)
    {
        while (_owedWeights.Count > limit)
        {
            Weights();
        }
    }

    public void Overlap(Lane forward, Lane backward)
        => _actions.Add(StageAction.Pair(forward.Stage, forward.TakeForward(), backward.Stage, backward.TakeBackward()));

    public ImmutableArray<StageAction> ToActions()
        => _owedWeights.Count == 0
            ? _actions.DrainToImmutable()
            : throw new InvalidOperationException($"{_owedWeights.Count} backwards for weights are owed, first {_owedWeights.Peek()}.");
}
