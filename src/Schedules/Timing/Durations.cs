namespace Actors.Schedules.Timing;

/// <summary>The rule that every cost keeps.</summary>
internal static class Durations
{
    public static double Valid(double cost, string name)
        => double.IsFinite(cost) && cost >= 0
            ? cost
            : throw new ArgumentOutOfRangeException(name, cost, "A cost is finite and not negative.");
}
