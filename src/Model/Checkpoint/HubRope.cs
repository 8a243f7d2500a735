using System.Globalization;

namespace Actors.Model.Checkpoint;

/// <summary>
/// Rotary embedding in a config.json: <c>rope_parameters</c>, or the older <c>rope_theta</c> and <c>rope_scaling</c>, or both if they say the same.
/// A key that is not known is refused unless its value changes nothing: it could change what the embedding does.
/// </summary>
internal static class HubRope
{
    private const double DefaultTheta = 10000;
    private const string Parameters = "rope_parameters";
    private const string Scaling = "rope_scaling";
    private const string Theta = "rope_theta";

    private static readonly (string Key, Func<YarnConfig, double?> Of)[] YarnKeys =
    [
        ("factor", yarn => yarn.Factor),
        ("original_max_position_embeddings", yarn => yarn.OriginalMaxPositions),
        ("beta_fast", yarn => yarn.BetaFast),
        ("beta_slow", yarn => yarn.BetaSlow),
        ("mscale", yarn => yarn.Mscale),
        ("mscale_all_dim", yarn => yarn.MscaleAllDim),
        ("attention_factor", yarn => yarn.AttentionFactor),
    ];

    public static (RopeConfig Rope, RopeSpelling Spelling) Read(ConfigObject root)
    {
        root.Expect("partial_rotary_factor", only: 1, because: ": all of qk_rope_head_dim turns");
        double? theta = root.OptionalDouble(Theta);
        Stated? parameters = ReadObject(root, Parameters);
        Stated? scaling = ReadObject(root, Scaling);
        theta = Agreed(root, (Theta, theta), ($"{Parameters}.{Theta}", parameters?.Theta), ($"{Scaling}.{Theta}", scaling?.Theta));
        if (parameters is not null && scaling is not null)
        {
            RequireSame(root, parameters.Yarn, scaling.Yarn);
        }

        bool isOlder = scaling is not null || root.Has(Theta);
        return (
            new RopeConfig { Theta = theta ?? DefaultTheta, Yarn = (parameters ?? scaling)?.Yarn },
            parameters is null ? RopeSpelling.Older : isOlder ? RopeSpelling.Present | RopeSpelling.Older : RopeSpelling.Present);
    }

    /// <summary>One of the two objects; null where it is absent or empty.</summary>
    private static Stated? ReadObject(ConfigObject root, string key)
    {
        if (root.OptionalObject(key) is not { } values || !values.Properties().Any())
        {
            return null;
        }

        var stated = new Stated(values.OptionalDouble(Theta), IsYarn(values) ? ReadYarn(root, values) : null);
        foreach ((string other, string json) in values.Unread())
        {
            if (json != "null" && !IsNeutral(values, other, stated.Yarn is not null))
            {
                throw values.Wrong(other, $"is not supported{(stated.Yarn is null ? " without yarn" : "")} (it is {json}); remove it");
            }
        }

        return stated;
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

    /// <summary>Whether a key that nothing here uses says what is done anyway.</summary>
    private static bool IsNeutral(ConfigObject values, string key, bool isYarn) => key switch
    {
        "partial_rotary_factor" or "attn_factor" or "extrapolation_factor" => values.OptionalDouble(key) == 1,
        "truncate" => values.OptionalBool(key) == true,
        _ when isYarn => false,
        "factor" or "attention_factor" or "beta_slow" => values.OptionalDouble(key) == 1,
        "beta_fast" => values.OptionalDouble(key) == 32,
        "mscale" or "mscale_all_dim" => values.OptionalDouble(key) is 0 or 1,
        "original_max_position_embeddings" => values.OptionalInt(key) > 0,
        _ => false,
    };

    /// <summary>The value of a key that may be given in several places; null where it is in none.</summary>
    private static double? Agreed(ConfigObject root, params ReadOnlySpan<(string Key, double? Value)> places)
    {
        (string Key, double? Value) first = ("", null);
        foreach ((string key, double? value) in places)
        {
            if (first.Value is null)
            {
                first = (key, value);
            }
            else if (value is not null && value != first.Value)
            {
                throw Contradiction(root, first.Key, Text(first.Value), key, Text(value));
            }
        }

        return first.Value;
    }

    private static void RequireSame(ConfigObject root, YarnConfig? parameters, YarnConfig? scaling)
    {
        if ((parameters is null) != (scaling is null))
        {
            throw Contradiction(root, $"{Parameters}.rope_type", TypeOf(parameters), $"{Scaling}.type", TypeOf(scaling));
        }

        foreach ((string key, Func<YarnConfig, double?> of) in YarnKeys)
        {
            if (parameters is not null && scaling is not null && of(parameters) != of(scaling))
            {
                throw Contradiction(root, $"{Parameters}.{key}", Text(of(parameters)), $"{Scaling}.{key}", Text(of(scaling)));
            }
        }
    }

    private static CheckpointException Contradiction(ConfigObject root, string key, string value, string other, string otherValue) =>
        root.Wrong(key, $"is {value} but {other} is {otherValue}: they say the same thing; make them equal or remove one");

    private static string TypeOf(YarnConfig? yarn) => yarn is null ? "\"default\"" : "\"yarn\"";

    private static string Text(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "absent";

    /// <summary>What one object says.</summary>
    private sealed record Stated(double? Theta, YarnConfig? Yarn);
}
