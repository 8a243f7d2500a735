using System.Runtime.InteropServices;

namespace Actors.Runtime.Serving;

/// <summary>How the tokens of a sequence are drawn.</summary>
/// <param name="Temperature">0 takes the likeliest token, else logits are divided by it.</param>
/// <param name="TopP">Probability of the likeliest tokens to choose among.</param>
/// <param name="Seed">Start of the sequence's random numbers.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Sampling(double Temperature, double TopP, ulong Seed)
{
    /// <summary>Whether tokens can be drawn so.</summary>
    public bool IsValid => Temperature >= 0 && double.IsFinite(Temperature) && TopP is > 0 and <= 1;
}
