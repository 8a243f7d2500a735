namespace Actors.Schedules.Timing;

/// <summary>
/// What sending over a link takes. A transfer occupies the link for its bytes divided by the bandwidth, no rank meanwhile, and what was
/// sent can be used a latency after the link is free again. Where the bandwidth is finite, transfers of one ordered pair of ranks follow
/// each other in the order in which they were computed; a latency delays only its own.
/// </summary>
public sealed record LinkCosts
{
    /// <summary>Sets the costs.</summary>
    /// <param name="latency">Time from the end of the transfer to the use of what was sent; finite, not negative.</param>
    /// <param name="bandwidth">Bytes per unit of time, above 0; infinite (default) where a transfer occupies nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public LinkCosts(double latency = 0, double bandwidth = double.PositiveInfinity)
    {
        Latency = Durations.Valid(latency, nameof(latency));
        Bandwidth = bandwidth > 0
            ? bandwidth
            : throw new ArgumentOutOfRangeException(nameof(bandwidth), bandwidth, "A bandwidth is above 0.");
    }

    /// <summary>Sending takes nothing.</summary>
    public static LinkCosts Free { get; } = new();

    /// <summary>Time from when the link is free again to when what was sent can be used.</summary>
    public double Latency { get; }

    /// <summary>Bytes per unit of time.</summary>
    public double Bandwidth { get; }

    /// <summary>For how long a transfer occupies the link.</summary>
    public double OccupiedBy(double bytes) => bytes / Bandwidth;
}
