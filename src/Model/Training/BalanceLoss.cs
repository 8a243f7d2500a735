using Actors.Tensors.Operations;

namespace Actors.Model.Training;

/// <summary>
/// The balance loss of a step (DeepSeek-V3 technical report, equation 17): α times the mean over the step's sequences of the sum over layers with experts, those of
/// prediction modules too. What a layer's gate makes of a sequence is <see cref="IRoutingOperations.BalanceLoss"/>.
/// </summary>
public static class BalanceLoss
{
    private const double UnitsOfOne = 1L << 32;

    /// <summary>Factor of all its gradients.</summary>
    /// <param name="weight">α; 0: there are none.</param>
    /// <param name="sequences">Of the whole step.</param>
    public static float Scale(double weight, int sequences)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        return (float)(weight / Math.Max(1, sequences));
    }

    /// <summary>The sum of sequences' losses, each as a whole number of 2^-32: in whatever order layers and chunks are added up, the sum has the same bits.</summary>
    public static long Sum(ReadOnlySpan<float> losses)
    {
        long sum = 0;
        foreach (float loss in losses)
        {
            sum += (long)Math.Round(loss * UnitsOfOne);
        }

        return sum;
    }

    /// <summary>The loss of a step.</summary>
    /// <param name="sum"><see cref="Sum"/> over its layers and sequences.</param>
    /// <param name="weight">α.</param>
    /// <param name="sequences">Of the whole step.</param>
    public static double Of(long sum, double weight, int sequences) => weight * (sum / UnitsOfOne) / Math.Max(1, sequences);
}
