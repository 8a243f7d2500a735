using Actors.Model;
using Actors.Model.Checkpoint;
using Actors.Runtime.Configuration;
using Actors.Runtime.Training;

namespace Actors.Cli.Runs;

/// <summary>Where a run's model comes from: a folder with its own config.json, or fresh weights of configured sizes.</summary>
/// <param name="Folder">Folder in the hub's layout; null: fresh weights.</param>
/// <param name="Hub">The config, with whatever else stood in its file.</param>
internal sealed record ModelSource(string? Folder, HubConfig Hub)
{
    /// <summary>The sizes.</summary>
    public ModelConfig Config => Hub.Model;

    /// <summary>The model that a training run starts or goes on from.</summary>
    public static ModelSource Of(ActorsSettings settings, string? resumeFolder = null)
    {
        string? folder = resumeFolder ?? settings.Model.Path;
        if (folder is null)
        {
            return new ModelSource(null, HubConfig.Create(settings.Model.Config));
        }

        string resolved = TrainingCheckpoint.Resolve(folder);
        return new ModelSource(resolved, HubConfig.Read(Path.Combine(resolved, HubConfig.FileName)));
    }
}
