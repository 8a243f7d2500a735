using Actors.Model.Numbers;

namespace Actors.Model.Inference;

/// <summary>
/// Chooses the next token from logits: the largest at temperature 0 (lowest index wins a tie), else by chance among the
/// likeliest tokens that together reach a probability (nucleus sampling, Holtzman et al. 2019). Repeats with its seed.
/// </summary>
public sealed class TokenSampler
{
    private readonly double _temperature;
    private readonly double _topP;
    private ulong _state;
    private double[] _probabilities = [];
    private int[] _order = [];

    /// <summary>Makes a sampler for one sequence.</summary>
    /// <param name="temperature">Divides the logits; 0 or more.</param>
    /// <param name="topP">Probability of the tokens to choose among; above 0, at most 1.</param>
    /// <param name="seed">Start of its numbers.</param>
    public TokenSampler(double temperature, double topP, ulong seed)
    {
        if (!(temperature >= 0 && double.IsFinite(temperature)))
        {
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature is a number of 0 or more.");
        }

        if (!(topP > 0 && topP <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(topP), topP, "Top-p is above 0 and at most 1.");
        }

        _temperature = temperature;
        _topP = topP;
        _state = seed;
    }

    /// <summary>The next token for host <paramref name="logits"/> (vocabulary).</summary>
    public int Next(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return _temperature == 0 ? best : Draw(logits, logits[best]);
    }

    private int Draw(ReadOnlySpan<float> logits, float largest)
    {
        if (_order.Length != logits.Length)
        {
            _order = new int[logits.Length];
            _probabilities = new double[logits.Length];
        }

        double total = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            _order[i] = i;
            // Negated: sorting ascends.
            _probabilities[i] = -Math.Exp((logits[i] - largest) / _temperature);
            total -= _probabilities[i];
        }

        Array.Sort(_probabilities, _order);
        int kept = 0;
        double mass = 0;
        while (kept < _order.Length && (kept == 0 || mass < _topP * total))
        {
            mass -= _probabilities[kept++];
        }

        double place = SplitMix64.NextUniform(ref _state) * mass;
        for (int i = 0; i < kept - 1; i++)
        {
            place += _probabilities[i];
            if (place < 0)
            {
                return _order[i];
            }
        }

        return _order[kept - 1];
    }
}
