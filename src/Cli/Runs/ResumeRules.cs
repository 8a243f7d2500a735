using Actors.Cli.Requests;
using Actors.Model.Training;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Runs;

/// <summary>What a run that goes on from a checkpoint may set.</summary>
internal static class ResumeRules
{
    /// <summary>Refuses what contradicts the checkpoint, and says what changes the order of the data.</summary>
    /// <exception cref="UsageException">There is no step left, or a key of the model was set to something else than the checkpoint has.</exception>
    public static void Check(TrainRequest request, ModelSource source, RunState resumed, IRunProgress progress)
    {
        if (resumed.Step >= request.Settings.Training.Steps)
        {
            throw new UsageException(
                $"--resume: the checkpoint {request.ResumeFolder} has {resumed.Step} steps behind it and actors.training.steps is "
                + $"{request.Settings.Training.Steps}: ask for more with --steps");
        }

        CheckModel(request.Settings, source, resumed, progress);
        if (source.Extension.Length > 0)
        {
            progress.Notice($"the run goes on with another context: {source.Extension}");
        }

        string[] changes = [.. Changes(request, resumed)];
        if (changes.Length > 0)
        {
            progress.Notice($"the steps from here on see other text than those of an unbroken run: {string.Join(", ", changes)}");
        }
    }

    /// <summary>
    /// The checkpoint says what the model is. A key that was set against it is refused; but where the run started from a model's folder
    /// the keys of a profile had no effect from the start, and have none now.
    /// </summary>
    private static void CheckModel(ActorsSettings settings, ModelSource source, RunState resumed, IRunProgress progress)
    {
        bool hadNoEffect = resumed.StartedFrom is not null || settings.Model.Path is not null;
        foreach ((ModelKey key, EffectiveSetting set) in ModelKeys.SetAgainst(settings, source.Config))
        {
            if (!hadNoEffect || set.Origin.IsOption)
            {
                throw new UsageException(
                    $"--resume: the checkpoint {source.Folder} is of another model: its {key.Key} is {TextOf(key.ValueIn(source.Config))}, and "
                    + $"{key.FullKey} is {TextOf(set.Value)} ({set.Origin}); give the profile that it was trained with{OfContext(key)}");
            }
        }

        if (settings.Model.Path is { } path && resumed.StartedFrom != Path.GetFullPath(path))
        {
            progress.Notice($"the run goes on from {source.Folder}; actors.model.path = {path} is not used");
        }
        else if (hadNoEffect)
        {
            source.SayUnusedKeys(settings, progress);
        }
    }

    private static string OfContext(ModelKey key) => ContextExtension.Changes(key) ? $", or {TrainingSettings.ExtendContextKey}=on for another context" : "";

    private static IEnumerable<string> Changes(TrainRequest request, RunState resumed)
    {
        TrainingSettings training = request.Settings.Training;

        // With other sizes there are other tokens behind a step, which goes without saying.
        bool isSameSize = (resumed.BatchSequences, resumed.SequenceLength) == (training.BatchSequences, training.SequenceLength);
        (string What, long? Was, long Is)[] all =
        [
            ("actors.training.seed", resumed.Seed, training.Seed),
            ("actors.training.batch-sequences", resumed.BatchSequences, training.BatchSequences),
            ("tokens of the steps before", isSameSize ? resumed.Tokens : null, training.PlanBatches().PositionOf(resumed.Step + 1).TokensBefore),
            ("actors.training.sequence-length", resumed.SequenceLength, training.SequenceLength),
            ("size of the text", resumed.TextBytes, request.Corpus.TrainingSize),
        ];
        return all.Where(value => value.Was is { } was && was != value.Is).Select(value => $"{value.What}: {value.Was} before, {value.Is} now");
    }

    private static string TextOf(object? value) => Convert.ToString(value ?? "null", System.Globalization.CultureInfo.InvariantCulture)!;
}
