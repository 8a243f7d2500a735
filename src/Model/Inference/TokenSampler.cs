using Actors.Tensors.Operations;

namespace Actors.Model.Inference;

/// <summary>Draws a sequence's tokens on the host, as <see cref="TokenDraw"/> says. Repeats with its seed.</summary>
public sealed class TokenSampler
{
    private TokenDraw _draw;

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

        _draw = new TokenDraw(temperature, topP, seed);
    }

    /// <summary>The next token for host <paramref name="logits"/> (vocabulary).</summary>
    public int Next(ReadOnlySpan<float> logits) => _draw.Next(logits);
}
