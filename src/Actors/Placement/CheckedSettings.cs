using Actors.Model;
using Actors.Runtime.Configuration;
using Akka.Configuration;

namespace Actors.Runtime.Placement;

/// <summary>Settings that fit the model and the ranks that they name. What breaks a rule is refused with its key.</summary>
public static class CheckedSettings
{
    /// <summary>
    /// Reads and checks all settings. Where the model comes from a folder, its sizes are not known yet and <see cref="Check"/> is the
    /// caller's to do.
    /// </summary>
    /// <param name="configuration">The layers.</param>
    /// <param name="isOfCluster">Whether they are those of one process of a cluster.</param>
    /// <exception cref="ConfigurationException">
    /// One line: the key, its value, its range or the rule that it breaks, and its place.
    /// </exception>
    public static ActorsSettings Read(LayeredConfiguration configuration, bool isOfCluster = false)
    {
        ActorsSettings settings = ActorsSettings.Read(configuration) with { IsOfCluster = isOfCluster };
        if (settings.Model.Path is null)
        {
            Check(settings, settings.Model.Config);
        }

        return settings;
    }

    /// <summary>Refuses a placement, or a length, that is impossible for a model.</summary>
    /// <exception cref="ConfigurationException">One line: the key, the rule that it breaks, the mend and its place.</exception>
    public static void Check(ActorsSettings settings, ModelConfig model)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(model);
        if (RunPlan.Of(settings, model).FindFault() is { } fault)
        {
            throw settings.Broken(KeyOf(fault.Part), fault.Rule);
        }

        if (settings.Inference.MaxLength > model.MaxPositions && settings.IsSet(InferenceSettings.MaxLengthKey))
        {
            throw settings.Broken(
                InferenceSettings.MaxLengthKey,
                $"{settings.Inference.MaxLength} tokens are more than the model's {model.MaxPositions} positions; use at most {model.MaxPositions}");
        }
    }

    private static string KeyOf(PlacementPart part) => part switch
    {
        PlacementPart.PipelineRanks => $"{ParallelSettings.Section}.pipeline-ranks",
        PlacementPart.StagesPerRank => $"{PipelineSettings.Section}.stages-per-rank",
        PlacementPart.MicroBatches => $"{PipelineSettings.Section}.micro-batches",
        PlacementPart.ExpertRanks => $"{ParallelSettings.Section}.expert-ranks",
        PlacementPart.RanksPerNode => $"{ParallelSettings.Section}.ranks-per-node",
        PlacementPart.Devices => CudaSettings.DevicesKey,
        PlacementPart.NodeLimit => $"{ParallelSettings.Section}.node-limit",
        PlacementPart.DataGroups => $"{ParallelSettings.Section}.data-groups",
        PlacementPart.Sequences => $"{TrainingSettings.Section}.batch-sequences",
        PlacementPart.GrowingBatch => BatchRampSettings.StartKey,
        PlacementPart.SequenceLength => $"{TrainingSettings.Section}.sequence-length",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };
}
