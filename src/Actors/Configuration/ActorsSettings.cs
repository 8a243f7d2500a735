using Actors.Model;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>All settings of the runtime, read and checked once at start. Immutable.</summary>
public sealed record ActorsSettings
{
    private readonly SettingsReader _reader;

    private ActorsSettings(SettingsReader reader)
    {
        _reader = reader;
    }

    /// <summary>The model.</summary>
    public required ModelSettings Model { get; init; }

    /// <summary>Who holds what.</summary>
    public required ParallelSettings Parallel { get; init; }

    /// <summary>The schedule.</summary>
    public required PipelineSettings Pipeline { get; init; }

    /// <summary>The channels' buffers.</summary>
    public required FabricSettings Fabric { get; init; }

    /// <summary>Training.</summary>
    public required TrainingSettings Training { get; init; }

    /// <summary>The text.</summary>
    public required DataSettings Data { get; init; }

    /// <summary>Serving.</summary>
    public required InferenceSettings Inference { get; init; }

    /// <summary>The device.</summary>
    public required BackendSettings Backend { get; init; }

    /// <summary>The threads that run actors.</summary>
    public required DispatcherSettings Dispatcher { get; init; }

    /// <summary>The log.</summary>
    public required LogSettings Log { get; init; }

    /// <summary>Watch over progress.</summary>
    public required WatchdogSettings Watchdog { get; init; }

    /// <summary>Every key with its value and where it comes from.</summary>
    public IReadOnlyList<EffectiveSetting> Effective => _reader.Effective;

    /// <summary>
    /// Reads and checks all settings. Where fresh weights are asked for, the placement is checked too; where the model comes from a
    /// folder, its sizes are not known yet and <see cref="CheckPlacement"/> is the caller's to do.
    /// </summary>
    /// <exception cref="ConfigurationException">
    /// One line: the key, its value, its range or the rule that it breaks, and its place.
    /// </exception>
    public static ActorsSettings Read(LayeredConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var reader = new SettingsReader(configuration);
        var settings = new ActorsSettings(reader)
        {
            Model = ModelSettings.Read(reader),
            Parallel = ParallelSettings.Read(reader),
            Pipeline = PipelineSettings.Read(reader),
            Fabric = FabricSection.Read(reader),
            Training = TrainingSettings.Read(reader),
            Data = DataSettings.Read(reader),
            Inference = InferenceSettings.Read(reader),
            Backend = BackendSettings.Read(reader),
            Dispatcher = DispatcherSettings.Read(reader),
            Log = LogSettings.Read(reader),
            Watchdog = WatchdogSettings.Read(reader),
        };
        if (settings.Model.Path is null)
        {
            settings.CheckPlacement(settings.Model.Config);
        }

        return settings;
    }

    /// <summary>Refuses a placement that is impossible for a model.</summary>
    /// <exception cref="ConfigurationException">One line: the key, the rule that it breaks, the mend and its place.</exception>
    public void CheckPlacement(ModelConfig model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (RunPlan.Of(this, model).FindFault() is { } fault)
        {
            throw _reader.Broken(KeyOf(fault.Part), fault.Rule);
        }

        if (Inference.MaxLength > model.MaxPositions)
        {
            throw _reader.Broken(
                $"{InferenceSettings.Section}.max-length",
                $"{Inference.MaxLength} tokens are more than the model's {model.MaxPositions} positions; use at most {model.MaxPositions}");
        }
    }

    private static string KeyOf(PlacementPart part) => part switch
    {
        PlacementPart.PipelineRanks => $"{ParallelSettings.Section}.pipeline-ranks",
        PlacementPart.StagesPerRank => $"{PipelineSettings.Section}.stages-per-rank",
        PlacementPart.MicroBatches => $"{PipelineSettings.Section}.micro-batches",
        PlacementPart.ExpertRanks => $"{ParallelSettings.Section}.expert-ranks",
        PlacementPart.RanksPerNode => $"{ParallelSettings.Section}.ranks-per-node",
        PlacementPart.NodeLimit => $"{ParallelSettings.Section}.node-limit",
        PlacementPart.DataGroups => $"{ParallelSettings.Section}.data-groups",
        PlacementPart.Sequences => $"{TrainingSettings.Section}.batch-sequences",
        PlacementPart.SequenceLength => $"{TrainingSettings.Section}.sequence-length",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };
}
