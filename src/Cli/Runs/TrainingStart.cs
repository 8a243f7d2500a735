using Actors.Cli.Requests;
using Actors.Model;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Runs;

/// <summary>What both ways of training check before anything is computed, so that nothing is lost at the end.</summary>
internal static class TrainingStart
{
    private static readonly (string Key, Func<ModelConfig, int?> Of)[] Sizes =
    [
        ("vocabulary-size", model => model.VocabularySize),
        ("hidden-size", model => model.HiddenSize),
        ("intermediate-size", model => model.IntermediateSize),
        ("expert-intermediate-size", model => model.ExpertIntermediateSize),
        ("layers", model => model.Layers),
        ("first-dense-layers", model => model.FirstDenseLayers),
        ("heads", model => model.Heads),
        ("query-rank", model => model.QueryRank),
        ("key-value-rank", model => model.KeyValueRank),
        ("routed-experts", model => model.RoutedExperts),
        ("shared-experts", model => model.SharedExperts),
        ("experts-per-token", model => model.ExpertsPerToken),
        ("expert-groups", model => model.ExpertGroups),
        ("expert-groups-kept", model => model.ExpertGroupsKept),
    ];

    /// <summary>The model of a run, once it fits the placement, the text, and the places of results.</summary>
    /// <exception cref="UsageException">It was asked for something impossible.</exception>
    public static ModelSource Check(TrainRequest request)
    {
        ModelSource source = ModelSource.Of(request.Settings, request.ResumeFolder);
        if (request.ResumeFolder is not null)
        {
            CheckSameModel(request, source);
        }

        if (source.Folder is not null)
        {
            request.Settings.CheckPlacement(source.Config);
            request.Corpus.Require(request.Settings.Training.SequenceLength, source.Config.VocabularySize);
        }

        WritablePlaces.RequireFolder("--out", request.OutputFolder);
        if (request.TraceFile is { } trace)
        {
            WritablePlaces.RequireFile("--trace", trace);
        }

        return source;
    }

    /// <summary>Refuses to resume what has no step left.</summary>
    /// <exception cref="UsageException">The checkpoint is as far as, or further than, the run is to go.</exception>
    public static void CheckStepsLeft(TrainRequest request, int step)
    {
        if (step >= request.Settings.Training.Steps)
        {
            throw new UsageException(
                $"--resume: the checkpoint {request.ResumeFolder} has {step} steps behind it and actors.training.steps is "
                + $"{request.Settings.Training.Steps}: ask for more with --steps");
        }
    }

    /// <summary>A size that was set on purpose must be the checkpoint's.</summary>
    private static void CheckSameModel(TrainRequest request, ModelSource source)
    {
        foreach ((string key, Func<ModelConfig, int?> of) in Sizes)
        {
            EffectiveSetting? set = request.Settings.Effective.FirstOrDefault(setting => setting.Key == "actors.model." + key);
            bool isDefault = set is null || set.Origin.Source == "reference.conf";
            if (!isDefault && of(request.Settings.Model.Config) != of(source.Config))
            {
                throw new UsageException(
                    $"--resume: the checkpoint {source.Folder} is of another model: its {key} is {of(source.Config)?.ToString() ?? "null"}, and "
                    + $"actors.model.{key} is {set!.Value ?? "null"} ({set.Origin}); give the profile that it was trained with");
            }
        }
    }
}
