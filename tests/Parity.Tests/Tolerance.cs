namespace Actors.Parity.Tests;

/// <summary>How far float32 may be from the reference, relative in L2. u = 2⁻²⁴ ≈ 6e-8 is float32's unit roundoff.</summary>
internal static class Tolerance
{
    /// <summary>Prescribed to the bit: moves, and sums whose order and rounding the contract fixes.</summary>
    public const double Exact = 0;

    /// <summary>A handful of roundings, each at most u, of positive factors.</summary>
    public const double FewRoundings = 4e-7;

    /// <summary>
    /// A moment in bfloat16: where a float32 unit or two decides between two codes, at most 2⁻⁷ of the value apart, the other one is taken. Most in a tensor of one element.
    /// </summary>
    public const double RoundedMoment = 1.0 / 128;

    /// <summary>
    /// An exponential or logarithm of a few units: a polynomial good to about 2 u, and the argument's own rounding,
    /// which the exponential multiplies by its size (below 10 here).
    /// </summary>
    public const double Exponential = 1e-6;

    /// <summary>
    /// Attention: the score's rounding (K products) and the saved logarithm's (|lse| ≤ 8: half an ulp is 2.4e-7) reach
    /// the probabilities as relative errors, and dP − ΣdO·O cancels part of the digits.
    /// </summary>
    public const double Attention = 4e-6;

    /// <summary>Positive terms added in float64 in another order: u = 1.1e-16 times the square root of some ten thousand terms.</summary>
    public const double Float64Sum = 2e-14;

    /// <summary>
    /// Tensor cores of Hopper cut up to 33 terms of a sum of 32 products of E4M3 off below 2⁻¹³ of the largest one, which is some four times as large as they are
    /// on average: at most 33 · 4 · 2⁻¹³ / √32 of the sum.
    /// </summary>
    public const double TensorCoresOfE4M3 = 3e-3;

    /// <summary>
    /// Codes of E4M3 of numbers that differ by rounding: beside a tie the next code is taken, a step of at most 2⁻³ of the number, and all of a tensor's numbers may lie there where it has few.
    /// </summary>
    public const double StepOfE4M3 = 1.0 / 8;

    /// <summary>
    /// A product over <paramref name="k"/> elements: rounding every partial sum of random terms costs about u·√k / 2.4
    /// relative to the result; four times that, and room for the last rounding when k is small.
    /// </summary>
    public static double Product(int k) => 1e-7 * Math.Sqrt(k + 4);
}
