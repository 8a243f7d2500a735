using Actors.Model;
using Actors.Runtime.Fabric;
using Actors.Schedules;
using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>The rules between keys: which model fits on which ranks.</summary>
internal sealed class PlacementRules(ActorsSettings settings, ModelConfig model, SettingsReader reader)
{
    private const string ExpertRanks = $"{ParallelSettings.Section}.expert-ranks";
    private const string RanksPerNode = $"{ParallelSettings.Section}.ranks-per-node";
    private const string PipelineRanks = $"{ParallelSettings.Section}.pipeline-ranks";

    /// <summary>Checks them all.</summary>
    /// <exception cref="ConfigurationException">Names the first that is broken.</exception>
    public void Check()
    {
        CheckPipeline();
        CheckExperts();
        CheckNodes();
        CheckSequences();
    }

    private void CheckPipeline()
    {
        ParallelSettings parallel = settings.Parallel;
        Require(
            model.Layers >= parallel.PipelineRanks,
            PipelineRanks,
            $"{parallel.PipelineRanks} ranks are more than the model's {model.Layers} layers, and every rank needs one; use at most "
            + $"{model.Layers}");
        ScheduleCatalog.TryFind(settings.Pipeline.Schedule, out ISchedule? schedule, out _);
        string? refusal = schedule!.Refuse(new PipelineSize(parallel.PipelineRanks, settings.Pipeline.MicroBatches));
        bool isMicroBatches = refusal?.Contains("micro-batch", StringComparison.Ordinal) == true;
        Require(refusal is null, isMicroBatches ? $"{PipelineSettings.Section}.micro-batches" : PipelineRanks, refusal ?? "");
    }

    private void CheckExperts()
    {
        ParallelSettings parallel = settings.Parallel;
        Require(
            model.RoutedExperts % parallel.ExpertRanks == 0,
            ExpertRanks,
            $"{model.RoutedExperts} routed experts do not divide over {parallel.ExpertRanks} ranks, and every rank holds as many; use "
            + $"a divisor of {model.RoutedExperts}");
        Require(
            parallel.ExpertRanks % parallel.RanksPerNode == 0,
            RanksPerNode,
            $"{parallel.ExpertRanks} expert ranks do not fill nodes of {parallel.RanksPerNode} ranks; use a divisor of "
            + $"{parallel.ExpertRanks}");
        Require(
            parallel.NodesPerGroup <= GroupShape.MaxNodes,
            RanksPerNode,
            $"{parallel.ExpertRanks} expert ranks in nodes of {parallel.RanksPerNode} need {parallel.NodesPerGroup} nodes, and a "
            + $"layer's experts may span {GroupShape.MaxNodes}; use more ranks a node");
    }

    private void CheckNodes()
    {
        int nodes = settings.Parallel.NodesPerGroup;
        Require(
            model.ExpertGroups == 1 || model.ExpertGroups % nodes == 0,
            RanksPerNode,
            $"{model.ExpertGroups} groups of experts do not divide over {nodes} nodes, and a group never spans nodes; use nodes of "
            + $"more ranks, so that their number divides {model.ExpertGroups}");
        int reached = Math.Min(nodes, model.ExpertGroups == 1 ? model.ExpertsPerToken : model.ExpertGroupsKept);
        Require(
            reached <= settings.Parallel.NodeLimit,
            $"{ParallelSettings.Section}.node-limit",
            $"a token's {model.ExpertsPerToken} experts in {model.ExpertGroupsKept} of {model.ExpertGroups} groups can lie on "
            + $"{reached} of {nodes} nodes, and the limit is {settings.Parallel.NodeLimit}; keep fewer groups or raise the limit");
    }

    private void CheckSequences()
    {
        TrainingSettings training = settings.Training;
        int groups = settings.Parallel.DataGroups;
        Require(
            training.BatchSequences % groups == 0,
            $"{TrainingSettings.Section}.batch-sequences",
            $"{training.BatchSequences} sequences do not divide over {groups} data groups; use a multiple of {groups}");
        RequireFits($"{TrainingSettings.Section}.sequence-length", training.SequenceLength);
        RequireFits($"{InferenceSettings.Section}.max-length", settings.Inference.MaxLength ?? 1);
    }

    private void RequireFits(string key, int length) =>
        Require(
            length <= model.MaxPositions,
            key,
            $"{length} tokens are more than the model's {model.MaxPositions} positions; use at most {model.MaxPositions}");

    private void Require(bool holds, string key, string broken)
    {
        if (!holds)
        {
            throw reader.Broken(key, broken);
        }
    }
}
