using System.Globalization;
using Actors.Model;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Runs;

/// <summary>
/// Options that change how a model from a folder encodes positions, so that it is trained on with a longer context: <c>max-positions</c> and <c>rope</c>. They touch no
/// tensor. Where the folder has no YaRN, its keys that no option sets are the settings'; else what a profile says has no effect, as for all keys of such a model.
/// </summary>
internal static class ContextExtension
{
    /// <summary>The folder's model with what options have set.</summary>
    /// <exception cref="UsageException">They break a rule of the model.</exception>
    public static ModelConfig Of(ActorsSettings settings, ModelConfig folder)
    {
        HashSet<string> options = [.. ModelKeys.SetAgainst(settings, folder).Where(entry => entry.Set.Origin.IsOption).Select(entry => entry.Key.Key)];
        ModelConfig own = settings.Model.Config;
        ModelConfig extended = folder with
        {
            MaxPositions = options.Contains("max-positions") ? own.MaxPositions : folder.MaxPositions,
            Rope = new RopeConfig
            {
                Theta = options.Contains("rope.theta") ? own.Rope.Theta : folder.Rope.Theta,
                Yarn = own.Rope.Yarn is { } yarn && options.Any(key => key.StartsWith("rope.yarn.", StringComparison.Ordinal))
                    ? Of(yarn, folder.Rope.Yarn ?? yarn, options)
                    : folder.Rope.Yarn,
            },
        };
        try
        {
            extended.Validate();
            return extended;
        }
        catch (ModelConfigException fault)
        {
            throw new UsageException($"the model with the options of actors.model: {fault.Key}: {fault.Rule}");
        }
    }

    /// <summary>Whether a key says how positions are encoded.</summary>
    public static bool Changes(ModelKey key) => key.Key == "max-positions" || key.Key.StartsWith("rope.", StringComparison.Ordinal);

    /// <summary>What an extension changes, key by key; empty: nothing.</summary>
    public static string Describe(ModelConfig before, ModelConfig now) => string.Join(", ", ModelKeys.All
        .Where(key => !Equals(key.ValueIn(before), key.ValueIn(now)))
        .Select(key => string.Create(CultureInfo.InvariantCulture, $"{key.Key}: {key.ValueIn(before) ?? "null"} before, {key.ValueIn(now) ?? "null"} now")));

    private static YarnConfig Of(YarnConfig own, YarnConfig folder, HashSet<string> options) => new()
    {
        Factor = options.Contains("rope.yarn.factor") ? own.Factor : folder.Factor,
        OriginalMaxPositions = options.Contains("rope.yarn.original-max-positions") ? own.OriginalMaxPositions : folder.OriginalMaxPositions,
        BetaFast = options.Contains("rope.yarn.beta-fast") ? own.BetaFast : folder.BetaFast,
        BetaSlow = options.Contains("rope.yarn.beta-slow") ? own.BetaSlow : folder.BetaSlow,
        Mscale = options.Contains("rope.yarn.mscale") ? own.Mscale : folder.Mscale,
        MscaleAllDim = options.Contains("rope.yarn.mscale-all-dim") ? own.MscaleAllDim : folder.MscaleAllDim,
        AttentionFactor = options.Contains("rope.yarn.attention-factor") ? own.AttentionFactor : folder.AttentionFactor,
    };
}
