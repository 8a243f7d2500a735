namespace Actors.Model.Checkpoint;

/// <summary>
/// Rotary embedding in a config.json: <c>rope_parameters</c>, or the older <c>rope_theta</c> and <c>rope_scaling</c>.
/// Keys are not kept where they could change what the embedding does: unknown ones are refused.
/// </summary>
internal static class HubRope
{
    private const double DefaultTheta = 10000;

    public static (RopeConfig Rope, bool HasRopeParameters) Read(ConfigObject root)
    {
        double theta = root.OptionalDouble("rope_theta") ?? DefaultTheta;
        ConfigObject? parameters = root.OptionalObject("rope_parameters");
        ConfigObject? scaling = root.OptionalObject("rope_scaling");
        if (parameters is not null && scaling is not null)
        {
            throw root.Wrong("rope_scaling", "stands beside rope_parameters, which replaces it; remove one of them");
        }

        if ((parameters ?? scaling) is not { } values)
        {
            return (new RopeConfig { Theta = theta }, false);
        }

        var rope = new RopeConfig
        {
            Theta = values.OptionalDouble("rope_theta") ?? theta,
            Yarn = IsYarn(values) ? ReadYarn(root, values) : null,
        };
        foreach ((string key, _) in values.Unread())
        {
            throw values.Wrong(key, rope.Yarn is null ? "is not supported without yarn; remove it" : "is not supported; remove it");
        }

        return (rope, parameters is not null);
    }

    private static bool IsYarn(ConfigObject values)
    {
        string? type = values.OptionalString("rope_type");
        string? older = values.OptionalString("type");
        if (type is not null && older is not null && type != older)
        {
            throw values.Wrong("rope_type", $"is \"{type}\" but type is \"{older}\"; remove one of them");
        }

        return (type ?? older) switch
        {
            "yarn" => true,
            null or "default" => false,
            string other => throw values.Wrong(
                type is null ? "type" : "rope_type", $"is \"{other}\", supported are only \"default\" and \"yarn\""),
        };
    }

    private static YarnConfig ReadYarn(ConfigObject root, ConfigObject values) => new()
    {
        Factor = values.OptionalDouble("factor") ?? throw values.Wrong("factor", "is missing; yarn needs it"),
        OriginalMaxPositions = values.OptionalInt("original_max_position_embeddings") ?? root.Int("max_position_embeddings"),
        BetaFast = values.OptionalDouble("beta_fast") ?? 32,
        BetaSlow = values.OptionalDouble("beta_slow") ?? 1,
        Mscale = NonZero(values.OptionalDouble("mscale")),
        MscaleAllDim = NonZero(values.OptionalDouble("mscale_all_dim")),
        AttentionFactor = values.OptionalDouble("attention_factor"),
    };

    /// <summary>The hub's code takes 0 as absent.</summary>
    private static double? NonZero(double? value) => value == 0 ? null : value;
}
