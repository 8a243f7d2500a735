namespace Actors.Model;

/// <summary>
/// Work that a token's forward pass takes in the parts of a model: multiplications of its products with parameters, of which the backward takes twice as many.
/// Attention between tokens is left out: it is the same in every layer and depends on the sequence. In floating point, since no size is too large for a configuration.
/// </summary>
public static class ModelWork
{
    /// <summary>Work of the first layers of the model, without modules.</summary>
    /// <param name="config">The model.</param>
    /// <param name="count">How many layers.</param>
    public static double OfFirstLayers(ModelConfig config, int count)
    {
        ArgumentNullException.ThrowIfNull(config);
        double dense = Math.Min(count, config.FirstDenseLayers);
        return (dense * OfDenseLayer(config)) + ((count - dense) * OfExpertLayer(config));
    }

    /// <summary>Work of what the last stage has beside layers of the model: the output head, and for each prediction module its projection, its layer and the head again.</summary>
    /// <param name="config">The model.</param>
    public static double OfEnd(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        double head = (double)config.HiddenSize * config.VocabularySize;
        return head + (config.PredictLayers * ((2.0 * config.HiddenSize * config.HiddenSize) + OfExpertLayer(config) + head));
    }

    /// <summary>Work of attention's projections in a layer: as many as they have parameters.</summary>
    /// <param name="config">The model.</param>
    public static double OfAttention(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        double hidden = config.HiddenSize, heads = config.Heads;
        double queries = heads * ((double)config.NopeHeadSize + config.RopeHeadSize);
        return (config.QueryRank is { } rank ? rank * (hidden + queries) : hidden * queries)
            + (hidden * ((double)config.KeyValueRank + config.RopeHeadSize))
            + (config.KeyValueRank * heads * ((double)config.NopeHeadSize + config.ValueHeadSize)) + (heads * config.ValueHeadSize * hidden);
    }

    private static double OfDenseLayer(ModelConfig config) => OfAttention(config) + (3.0 * config.HiddenSize * config.IntermediateSize);

    /// <summary>Of the experts, those chosen and those shared.</summary>
    private static double OfExpertLayer(ModelConfig config) => OfAttention(config) + ((double)config.HiddenSize * config.RoutedExperts)
        + (3.0 * config.HiddenSize * config.ExpertIntermediateSize * ((double)config.ExpertsPerToken + config.SharedExperts));
}
