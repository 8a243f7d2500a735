using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Model.Checkpoint;
using Actors.Model.Tokenizers;
using Actors.Model.Training;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;

namespace Actors.Cli.Nodes;

/// <summary>The values that a cluster may serve: of a run's newest checkpoint, of a model's folder, or of the model that the settings name.</summary>
internal sealed class ServedModels(ModelSource source, IRunProgress progress)
{
    private volatile KnownTokenizer? _known;

    /// <summary>What a process brings to serve with others: the placement that <c>actors infer</c> chooses for the same settings.</summary>
    public static ClusterServingOptions OptionsOf(ActorsSettings settings, ModelSource source, IRunProgress progress)
    {
        RunPlan plan = ServingSession.PlanOf(Plans.ForServing(settings, source.Config));
        InferenceOptions limits = ServingSession.OptionsOf(plan, settings);
        var models = new ServedModels(source, progress);
        return new ClusterServingOptions
        {
            Plan = ServingHost.PlanOf(plan, limits),
            Limits = limits,
            Settings = settings.ClusterServing,
            FindModel = models.Find,
            FindTokenizer = models.FindTokenizer,
            Load = models.Load,
        };
    }

    /// <summary>The newest values of a folder.</summary>
    /// <exception cref="UsageException">There is no folder, or its model is not the cluster's.</exception>
    /// <exception cref="CheckpointException">There is no model, or its tokenizer is not supported.</exception>
    private ServedModel Find(string? folder)
    {
        (string found, HubConfig hub, _) = Check(folder);
        return new ServedModel(folder is null ? null : found, RunOf(found), found, GenerationConfig.Apply(found, hub.Model).EndTokenIds.Ids);
    }

    private TokenizerFiles? FindTokenizer(string? folder) => Check(folder).Tokenizer.Files;

    private (string Folder, HubConfig Hub, KnownTokenizer Tokenizer) Check(string? folder)
    {
        if (folder is null && source.Folder is null)
        {
            throw new UsageException("the cluster trains nothing, and its settings name no model: name a run's folder with --from");
        }

        string found = folder is null ? source.Folder! : RunFolder.Resolve(folder);
        HubConfig hub = folder is null ? source.Hub : HubConfig.Read(Path.Combine(found, HubConfig.FileName));
        if (hub.Model with { EndTokenIds = source.Config.EndTokenIds } != source.Config)
        {
            throw new UsageException($"the model in {found} has other sizes than the cluster's settings: start a cluster with its profile (actors node), or name another folder with --from");
        }

        // Requests of the same checkpoint do not read its tokenizer again: the published ones take a good part of a second.
        KnownTokenizer known = _known is { } last && last.Folder == found ? last : KnownTokenizer.Of(found, hub.Model.VocabularySize);
        _known = known;
        return ServingSession.CanSpeak(hub.Model, known.Tokenizer)
            ? (found, hub, known)
            : throw new UsageException(
                $"the model in {found} has a vocabulary of {hub.Model.VocabularySize} tokens and no tokenizer; without one only a model of bytes, {ByteTokenizer.Tokens}, can be given a text");
    }

    private void Load(ServingHost host, string? folder, string run)
    {
        if (folder is not null && RunOf(folder) != run)
        {
            throw new CheckpointException(folder, "is not what the leader's process has there: all processes need the same disk; name a folder on it with --from");
        }

        ModelSource.Load(folder ?? source.Folder!, host.Parts(), progress);
    }

    private static string RunOf(string folder) => RunState.IsIn(folder) ? RunState.Read(folder).Run ?? "" : "";

    /// <summary>A folder's tokenizer, and its files for callers; no files: its tokens are bytes.</summary>
    private sealed record KnownTokenizer(string Folder, ITokenizer Tokenizer, TokenizerFiles? Files)
    {
        public static KnownTokenizer Of(string folder, int vocabularySize)
        {
            TokenizerFiles? files = TokenizerFiles.Read(folder);
            ITokenizer tokenizer = files is null ? ByteTokenizer.Instance : BytePairTokenizer.Of(files);
            if (files is not null)
            {
                TokenizerSource.Require(tokenizer, vocabularySize);
            }

            return new KnownTokenizer(folder, tokenizer, files);
        }
    }
}
