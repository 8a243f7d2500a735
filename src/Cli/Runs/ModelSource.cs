using Actors.Cli.Requests;
using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Tensors;

namespace Actors.Cli.Runs;

/// <summary>Where a run's model comes from: a folder with its own config.json, or fresh weights of configured sizes.</summary>
/// <param name="Folder">Folder in the hub's layout; null: fresh weights.</param>
/// <param name="Hub">The config, with whatever else stood in its file.</param>
internal sealed record ModelSource(string? Folder, HubConfig Hub)
{
    /// <summary>The sizes.</summary>
    public ModelConfig Config => Hub.Model;

    /// <summary>How options change the context of the folder's model, for a notice; empty: they do not.</summary>
    public string Extension { get; private init; } = "";

    /// <summary>
    /// The model that a run starts or goes on from. Where it starts, and where its settings allow it when it goes on, options may extend the context
    /// (<see cref="ContextExtension"/>).
    /// </summary>
    /// <exception cref="UsageException">A run starts, an option sets a key of the model, and the model's folder says something else.</exception>
    public static ModelSource Of(ActorsSettings settings, string? resumeFolder = null)
    {
        string? folder = resumeFolder ?? settings.Model.Path;
        if (folder is null)
        {
            return new ModelSource(null, HubConfig.Create(settings.Model.Config));
        }

        string resolved = RunFolder.Resolve(folder);
        HubConfig hub = HubConfig.Read(Path.Combine(resolved, HubConfig.FileName));
        using CheckpointReader? reader = hub.Model.PredictLayers > 0 ? CheckpointReader.Open(resolved) : null;
        ModelConfig stored = reader is null ? hub.Model : ModelCheckpoint.WithPresentModules(reader, hub.Model);
        ModelConfig model = resumeFolder is null || settings.Training.ExtendsContext ? ContextExtension.Of(settings, stored) : stored;
        var source = new ModelSource(resolved, hub.With(model)) { Extension = ContextExtension.Describe(stored, model) };
        if (resumeFolder is null)
        {
            source.RefuseOptions(settings);
        }

        return source;
    }

    /// <summary>Says which keys of a profile have no effect, since the model's folder says something else.</summary>
    public void SayUnusedKeys(ActorsSettings settings, IRunProgress progress)
    {
        (ModelKey Key, EffectiveSetting Set)[] unused = [.. ModelKeys.SetAgainst(settings, Config)];
        if (unused.Length > 0)
        {
            (ModelKey key, EffectiveSetting set) = unused[0];
            string more = unused.Length == 1 ? "" : $", and {unused.Length - 1} more keys of actors.model";
            progress.Notice($"the model is as {Folder} says: {key.FullKey} = {set.Value ?? "null"} ({set.Origin}) is not used{more}");
        }
    }

    /// <summary>Loads a folder's values and says which of its layers are not read.</summary>
    public static void Load(string folder, IReadOnlyList<(IStream Stream, ModelWeights Weights)> parts, IRunProgress progress)
    {
        if (TrainingCheckpoint.LoadModel(folder, parts).UnreadLayers is [var first, ..] unread)
        {
            ModelConfig config = parts[0].Weights.Config;
            string layers = unread.Count == 1 ? $"layer {first} is" : $"layers {first} to {unread[^1]} are";
            string modules = config.PredictLayers > 0 ? $" and {config.PredictLayers} of multi-token prediction (num_nextn_predict_layers)" : "";
            progress.Notice(
                $"{folder}: {layers} not read: the model has {config.Layers} layers (num_hidden_layers){modules}; text is generated without multi-token prediction");
        }
    }

    private void RefuseOptions(ActorsSettings settings)
    {
        foreach ((ModelKey key, EffectiveSetting set) in ModelKeys.SetAgainst(settings, Config))
        {
            if (set.Origin.IsOption)
            {
                throw new UsageException(
                    $"{key.FullKey} is {set.Value ?? "null"} ({set.Origin}), but the model in {Folder} has {key.ValueIn(Config) ?? "null"}: its config.json decides; leave the key out");
            }
        }
    }
}
