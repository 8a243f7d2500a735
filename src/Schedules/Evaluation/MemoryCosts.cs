using System.Collections.Immutable;

namespace Actors.Schedules.Evaluation;

/// <summary>What chunks and stages take of a rank's memory, in any one unit; by default 1 a chunk and 1 a stage, so that they are counted.</summary>
public sealed record MemoryCosts
{
    private readonly ImmutableArray<double> _activations = [1];
    private readonly ImmutableArray<double> _parameters = [1];
    private readonly double _keptForWeights = 1;

    /// <summary>Chunks and stages count 1 each, and all of a chunk's activations are kept for its W.</summary>
    public static MemoryCosts Counted { get; } = new();

    /// <summary>What the activations of one micro-batch take at each stage: [stages], or [1] where it is the same on every stage.</summary>
    /// <exception cref="ArgumentException">There are none, or one is negative, infinite or not a number.</exception>
    public ImmutableArray<double> Activations
    {
        get => _activations;
        init => _activations = Valid(value, nameof(value));
    }

    /// <summary>What the parameters of each stage take, with all that is kept for each: [stages], or [1].</summary>
    /// <exception cref="ArgumentException">There are none, or one is negative, infinite or not a number.</exception>
    public ImmutableArray<double> Parameters
    {
        get => _parameters;
        init => _parameters = Valid(value, nameof(value));
    }

    /// <summary>
    /// Share of a chunk's activations that its W still needs after its I, M_W / M_B in the zero-bubble paper (Qi et al. 2023, section 2):
    /// an I frees the rest. From 0 to 1, by default 1: an I frees nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside 0 to 1.</exception>
    public double KeptForWeights
    {
        get => _keptForWeights;
        init => _keptForWeights = value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The share that W needs is from 0 to 1.");
    }

    /// <summary>What the activations of one micro-batch take at a stage.</summary>
    public double ActivationsOf(int stage) => _activations.Length == 1 ? _activations[0] : _activations[stage];

    /// <summary>What the parameters of a stage take.</summary>
    public double ParametersOf(int stage) => _parameters.Length == 1 ? _parameters[0] : _parameters[stage];

    private static ImmutableArray<double> Valid(ImmutableArray<double> values, string name)
    {
        if (values.IsDefaultOrEmpty)
        {
            throw new ArgumentException("memory of at least one stage is needed", name);
        }

        foreach (var value in values)
        {
            if (!double.IsFinite(value) || value < 0)
            {
                throw new ArgumentException($"memory is finite and not negative, not {value}", name);
            }
        }

        return values;
    }
}
