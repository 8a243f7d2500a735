namespace Actors.Schedules.Comparison;

/// <summary>What a rank has room for.</summary>
public sealed record ScheduleLimits
{
    private readonly double _memory = double.PositiveInfinity;
    private readonly double _parameters = double.PositiveInfinity;

    /// <summary>The most memory that activations may take on a rank; infinite by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public double Memory
    {
        get => _memory;
        init => _memory = Valid(value);
    }

    /// <summary>The most memory that parameters may take on a rank; infinite by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
    public double Parameters
    {
        get => _parameters;
        init => _parameters = Valid(value);
    }

    private static double Valid(double value)
        => value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A limit is not negative.");
}
