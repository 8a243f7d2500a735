namespace Actors.Model.Training;

/// <summary>How the losses of multi-token-prediction modules count beside the main model's (DeepSeek-V3 technical report, equation 25).</summary>
public static class PredictionLoss
{
    /// <summary>Factors of the main model's mean loss and of each module's: 1, then λ / modules each.</summary>
    /// <param name="config">Has the modules.</param>
    /// <param name="weight">λ.</param>
    public static float[] Weights(ModelConfig config, double weight)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        return [1, .. Enumerable.Repeat((float)(weight / Math.Max(1, config.PredictLayers)), config.PredictLayers)];
    }

    /// <summary>Factors of the gradients of each token's losses: a depth's weight by its targets.</summary>
    /// <param name="weights">Of each depth.</param>
    /// <param name="targets">Of each depth in the whole step.</param>
    public static float[] Scales(ReadOnlySpan<float> weights, ReadOnlySpan<long> targets)
    {
        var scales = new float[weights.Length];
        for (int depth = 0; depth < scales.Length; depth++)
        {
            scales[depth] = weights[depth] / Math.Max(1, targets[depth]);
        }

        return scales;
    }
}
