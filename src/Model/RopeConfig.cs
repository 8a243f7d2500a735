namespace Actors.Model;

/// <summary>Rotary position embedding: base frequency and, optionally, YaRN's context extension.</summary>
public sealed record RopeConfig
{
    /// <summary><c>rope_theta</c>: pair i of n turns by position · theta^(−i/n).</summary>
    public double Theta { get; init; } = 10000;

    /// <summary>YaRN (<c>rope_type</c> yarn), or null for the plain frequencies (<c>rope_type</c> default).</summary>
    public YarnConfig? Yarn { get; init; }

    /// <summary>Checks ranges.</summary>
    /// <exception cref="ModelConfigException">Names the key that breaks a rule.</exception>
    public void Validate()
    {
        RequirePositive("rope_theta", Theta);
        if (Yarn is not { } yarn)
        {
            return;
        }

        if (!(yarn.Factor >= 1 && double.IsFinite(yarn.Factor)))
        {
            throw new ModelConfigException("factor", $"{yarn.Factor} is not a finite number of 1 or more");
        }

        RequirePositive("original_max_position_embeddings", yarn.OriginalMaxPositions);
        RequirePositive("beta_fast", yarn.BetaFast);
        RequirePositive("beta_slow", yarn.BetaSlow);
        if (yarn.BetaFast < yarn.BetaSlow)
        {
            throw new ModelConfigException("beta_fast", $"{yarn.BetaFast} is less than beta_slow = {yarn.BetaSlow}");
        }

        RequirePositive("mscale", yarn.Mscale ?? 1);
        RequirePositive("mscale_all_dim", yarn.MscaleAllDim ?? 1);
        RequirePositive("attention_factor", yarn.AttentionFactor ?? 1);
    }

    private static void RequirePositive(string key, double value)
    {
        if (!(value > 0 && double.IsFinite(value)))
        {
            throw new ModelConfigException(key, $"{value} is not a positive finite number");
        }
    }
}

/// <summary>YaRN (Peng et al. 2023): frequencies are interpolated by <see cref="Factor"/> where they turn slowly.</summary>
public sealed record YarnConfig
{
    /// <summary><c>factor</c>: how many times longer the context became.</summary>
    public required double Factor { get; init; }

    /// <summary><c>original_max_position_embeddings</c>: tokens of context before.</summary>
    public required int OriginalMaxPositions { get; init; }

    /// <summary><c>beta_fast</c>: turns over the original context from which a pair keeps its frequency.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary><c>beta_slow</c>: turns over the original context up to which a pair is fully interpolated.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary><c>mscale</c>, or null where the file has none (or 0).</summary>
    public double? Mscale { get; init; }

    /// <summary><c>mscale_all_dim</c>, or null where the file has none (or 0); if set, the softmax scale grows by its mscale².</summary>
    public double? MscaleAllDim { get; init; }

    /// <summary><c>attention_factor</c>: factor of cosines and sines; null: computed from the two mscales.</summary>
    public double? AttentionFactor { get; init; }
}
