namespace Actors.Schedules.Checking;

/// <summary>
/// In what order a timetable's backwards for weights come, W. All that they need is their own I before them, so any order computes the same
/// gradients up to rounding; but executors that keep a queue of them rely on one.
/// </summary>
public enum WeightOrder
{
    /// <summary>On every rank in the order of the rank's backwards for input, so that one queue a rank will do. Also where there is no W.</summary>
    OfRank,

    /// <summary>For every stage of a rank in the order of that stage's backwards for input, so that a queue a stage will do (ZBV).</summary>
    OfStage,

    /// <summary>In some other order.</summary>
    Free,
}
