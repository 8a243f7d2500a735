using Actors.Model;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Schedules;

namespace Actors.Cli.Runs;

/// <summary>Turns settings into the shape of a run.</summary>
internal static class Plans
{
    private const int PreferredPipelineRanks = 2;
    private const int PreferredExpertRanks = 4;
    private const int PreferredServingRanks = 2;

    /// <summary>
    /// A placement for a model whose sizes were not known when the settings were made: the configured one where any key of it
    /// was set, else pipeline 2 × experts 4 in nodes of two, or the nearest that divides.
    /// </summary>
    /// <param name="settings">The settings.</param>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Sequences of the batch.</param>
    /// <param name="length">Tokens of each.</param>
    /// <param name="isPreferred">Whether it is exactly what is asked for.</param>
    public static RunPlan ForModel(ActorsSettings settings, ModelConfig model, int sequences, int length, out bool isPreferred)
    {
        RunPlan plan = RunPlan.Of(settings, model) with { Sequences = sequences, Batches = null, SequenceLength = length, DataGroups = 1 };
        isPreferred = true;
        if (IsPlaced(settings))
        {
            CheckedSettings.Check(settings, model);
            return plan;
        }

        int pipelineRanks = Math.Min(PreferredPipelineRanks, model.Layers);
        int expertRanks = PreferredExpertRanks;
        while (model.RoutedExperts % expertRanks != 0)
        {
            expertRanks--;
        }

        bool twoNodes = expertRanks % 2 == 0 && model.ExpertGroups % 2 == 0;
        isPreferred = pipelineRanks == PreferredPipelineRanks && expertRanks == PreferredExpertRanks && twoNodes;
        return (plan with
        {
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = twoNodes ? expertRanks / 2 : expertRanks,
            Schedule = pipelineRanks % 2 == 0 ? ScheduleCatalog.DualPipe.Name : ScheduleCatalog.OneForwardOneBackward.Name,
            MicroBatches = 2 * pipelineRanks,
        }).OnFittingDevices();
    }

    /// <summary>
    /// A placement for serving a model: the configured one where any key of it was set, else two expert ranks in one node without
    /// a pipeline, on every machine, so that answers don't depend on it. A decoding step has few rows: each further rank adds more
    /// messages between a token and the next than it takes work from the others.
    /// </summary>
    public static RunPlan ForServing(ActorsSettings settings, ModelConfig model)
    {
        RunPlan plan = ForModel(settings, model, sequences: 1, length: 1, out _);
        if (IsPlaced(settings))
        {
            return plan;
        }

        int expertRanks = model.RoutedExperts % PreferredServingRanks == 0 ? PreferredServingRanks : 1;
        return (plan with
        {
            PipelineRanks = 1,
            ExpertRanks = expertRanks,
            RanksPerNode = expertRanks,
            Schedule = ScheduleCatalog.OneForwardOneBackward.Name,
        }).OnFittingDevices();
    }

    /// <summary>Numbers of the optimizer.</summary>
    public static OptimizerOptions OptimizerOf(TrainingSettings training) => new()
    {
        LearningRate = training.LearningRate.Schedule,
        Beta1 = training.Optimizer.Beta1,
        Beta2 = training.Optimizer.Beta2,
        Epsilon = training.Optimizer.Epsilon,
        WeightDecay = training.Optimizer.WeightDecay,
        ClipNorm = training.Optimizer.ClipNorm,
        BiasUpdateSpeed = training.BiasUpdateSpeed,
        LaterBiasUpdateSpeed = training.LaterBiasUpdateSpeed,
        PredictionWeight = training.PredictionWeight,
        LaterPredictionWeight = training.LaterPredictionWeight,
        BalanceWeight = training.BalanceLoss,
    };

    private static bool IsPlaced(ActorsSettings settings)
    {
        foreach (EffectiveSetting setting in settings.Effective)
        {
            bool places = setting.Key.StartsWith("actors.parallel.", StringComparison.Ordinal)
                || setting.Key.StartsWith("actors.pipeline.", StringComparison.Ordinal);
            bool isMemory = setting.Key == "actors.parallel.share-memory";
            if (places && !isMemory && !setting.Origin.IsDefault)
            {
                return true;
            }
        }

        return false;
    }
}
