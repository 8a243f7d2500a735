using Actors.Model;

namespace Actors.Runtime.Configuration;

/// <summary><c>actors.model</c>: a hub folder to start from, or the sizes of fresh weights.</summary>
/// <param name="Path">Folder in the Hugging Face layout; null: fresh weights.</param>
/// <param name="Config">The sizes of fresh weights; not those of the folder where there is one.</param>
public sealed record ModelSettings(string? Path, ModelConfig Config)
{
    internal const string Section = "actors.model";

    internal static ModelSettings Read(SettingsReader reader)
    {
        string? path = reader.OptionalText($"{Section}.path");
        ModelConfig config = ReadSizes(reader);
        if (path is null)
        {
            Validate(config, reader);
        }

        return new ModelSettings(path, config);
    }

    private static ModelConfig ReadSizes(SettingsReader reader) => new()
    {
        VocabularySize = reader.Int($"{Section}.vocabulary-size"),
        HiddenSize = reader.Int($"{Section}.hidden-size"),
        IntermediateSize = reader.Int($"{Section}.intermediate-size"),
        ExpertIntermediateSize = reader.Int($"{Section}.expert-intermediate-size"),
        Layers = reader.Int($"{Section}.layers"),
        FirstDenseLayers = reader.Int($"{Section}.first-dense-layers", least: 0),
        Heads = reader.Int($"{Section}.heads"),
        QueryRank = reader.OptionalInt($"{Section}.query-rank"),
        KeyValueRank = reader.Int($"{Section}.key-value-rank"),
        RopeHeadSize = reader.Int($"{Section}.rope-head-size", least: 2),
        NopeHeadSize = reader.Int($"{Section}.nope-head-size"),
        ValueHeadSize = reader.Int($"{Section}.value-head-size"),
        RoutedExperts = reader.Int($"{Section}.routed-experts"),
        SharedExperts = reader.Int($"{Section}.shared-experts", least: 0),
        ExpertsPerToken = reader.Int($"{Section}.experts-per-token"),
        ExpertGroups = reader.Int($"{Section}.expert-groups"),
        ExpertGroupsKept = reader.Int($"{Section}.expert-groups-kept"),
        RoutedScalingFactor = reader.Double($"{Section}.routed-scaling-factor", 0, aboveLeast: true),
        NormalizeExpertWeights = reader.Flag($"{Section}.normalize-expert-weights"),
        MaxPositions = reader.Int($"{Section}.max-positions"),
        InitializerRange = reader.Double($"{Section}.initializer-range", 0, aboveLeast: true),
        RmsNormEpsilon = reader.Double($"{Section}.rms-norm-epsilon", 0, aboveLeast: true),
        TieWordEmbeddings = reader.Flag($"{Section}.tie-word-embeddings"),
        PredictLayers = reader.Int($"{Section}.predict-layers", least: 0),
        BeginTokenId = reader.OptionalInt($"{Section}.begin-token", least: 0),
        EndTokenIds = EndTokens.Of(reader.OptionalInt($"{Section}.end-token", least: 0)),
        Rope = ReadRope(reader),
    };

    private static RopeConfig ReadRope(SettingsReader reader)
    {
        const string Yarn = $"{Section}.rope.yarn";
        double theta = reader.Double($"{Section}.rope.theta", 0, aboveLeast: true);
        double? factor = reader.OptionalPositive($"{Yarn}.factor");
        var yarn = new YarnConfig
        {
            Factor = factor ?? 1,
            OriginalMaxPositions = reader.Int($"{Yarn}.original-max-positions"),
            BetaFast = reader.Double($"{Yarn}.beta-fast", 0, aboveLeast: true),
            BetaSlow = reader.Double($"{Yarn}.beta-slow", 0, aboveLeast: true),
            Mscale = reader.OptionalPositive($"{Yarn}.mscale"),
            MscaleAllDim = reader.OptionalPositive($"{Yarn}.mscale-all-dim"),
            AttentionFactor = reader.OptionalPositive($"{Yarn}.attention-factor"),
        };
        return new RopeConfig { Theta = theta, Yarn = factor is null ? null : yarn };
    }

    private static void Validate(ModelConfig config, SettingsReader reader)
    {
        try
        {
            config.Validate();
        }
        catch (ModelConfigException e)
        {
            string key = ModelKeys.All.FirstOrDefault(own => own.HubKey == e.Key) is { } found ? $"{Section}.{found.Key}" : e.Key;
            string rule = e.Rule;
            foreach (ModelKey own in ModelKeys.All)
            {
                rule = rule.Replace($" {own.HubKey} ", $" {Section}.{own.Key} ", StringComparison.Ordinal);
            }

            throw reader.Broken(key, rule);
        }
    }
}
