namespace Actors.Model.Training;

/// <summary>The auxiliary-loss-free balance of experts (DeepSeek-V3 technical report, section 2.1.2).</summary>
public static class CorrectionBias
{
    /// <summary>b += γ · sign(mean load − load), expert by expert.</summary>
    /// <param name="bias">Correction bias of a layer's experts, updated.</param>
    /// <param name="loads">How often each was chosen in the step, summed over all ranks.</param>
    /// <param name="speed">γ.</param>
    public static void Update(Span<float> bias, ReadOnlySpan<long> loads, double speed)
    {
        if (bias.Length != loads.Length)
        {
            throw new ArgumentException($"{loads.Length} loads do not fit {bias.Length} experts.", nameof(loads));
        }

        long total = 0;
        foreach (long load in loads)
        {
            total += load;
        }

        for (int e = 0; e < bias.Length; e++)
        {
            // sign(total / n − load) without a division.
            bias[e] += (float)speed * Math.Sign(total - loads[e] * bias.Length);
        }
    }
}
