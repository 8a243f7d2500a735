namespace Actors.Schedules.Timing;

/// <summary>When an action can start, gathered over the rank and the action's inputs.</summary>
/// <param name="freeAt">When the rank is free.</param>
internal struct InputTimes(double freeAt)
{
    /// <summary>When the rank is free and all inputs are at it: the action's start.</summary>
    public double ArrivedAt { get; private set; } = freeAt;

    /// <summary>When the rank is free and all inputs are computed: the action's start if sending took nothing.</summary>
    public double ProducedAt { get; private set; } = freeAt;

    public void Add(double producedAt, double arrivedAt)
    {
        ProducedAt = Math.Max(ProducedAt, producedAt);
        ArrivedAt = Math.Max(ArrivedAt, arrivedAt);
    }
}
