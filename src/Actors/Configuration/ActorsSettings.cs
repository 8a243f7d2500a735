using Actors.Runtime.Fabric;
using Actors.Schedules;
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

    /// <summary>NVIDIA GPUs.</summary>
    public required CudaSettings Cuda { get; init; }

    /// <summary>
    /// Devices that the plan divides its ranks over. A process of a cluster has a part of the plan's nodes, which it divides over its own devices: 1.
    /// </summary>
    public int Devices => Backend.Name == BackendSettings.Cuda && !IsOfCluster ? Cuda.Devices.Count : 1;

    /// <summary>Whether they are those of one process of a cluster.</summary>
    public bool IsOfCluster { get; init; }

    /// <summary>Whether the schedule puts exchanges of rows beside computation.</summary>
    public bool OverlapsExchanges => Parallel.ExpertRanks > 1 && ScheduleCatalog.TryFind(Pipeline.Schedule, out ISchedule? schedule, out _) && schedule.OverlapsPairs;

    /// <summary>The threads that run actors.</summary>
    public required DispatcherSettings Dispatcher { get; init; }

    /// <summary>The log.</summary>
    public required LogSettings Log { get; init; }

    /// <summary>What a traced run keeps.</summary>
    public required TraceSettings Trace { get; init; }

    /// <summary>Processes that join.</summary>
    public required ClusterSettings Cluster { get; init; }

    /// <summary>A cluster that answers prompts.</summary>
    public required ClusterServingSettings ClusterServing { get; init; }

    /// <summary>Links between processes.</summary>
    public required LinkSettings Links { get; init; }

    /// <summary>Watch over progress.</summary>
    public required WatchdogSettings Watchdog { get; init; }

    /// <summary>Every key with its value and where it comes from.</summary>
    public IReadOnlyList<EffectiveSetting> Effective => _reader.Effective;

    /// <summary>Reads all settings and checks each one; whether they fit each other's ranks and model is checked where a run is placed.</summary>
    /// <exception cref="ConfigurationException">
    /// One line: the key, its value, its range or the rule that it breaks, and its place.
    /// </exception>
    public static ActorsSettings Read(LayeredConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var reader = new SettingsReader(configuration);
        return new ActorsSettings(reader)
        {
            Model = ModelSettings.Read(reader),
            Parallel = ParallelSettings.Read(reader),
            Pipeline = PipelineSettings.Read(reader),
            Fabric = FabricSection.Read(reader),
            Training = TrainingSettings.Read(reader),
            Data = DataSettings.Read(reader),
            Inference = InferenceSettings.Read(reader),
            Backend = BackendSettings.Read(reader),
            Cuda = CudaSettings.Read(reader),
            Dispatcher = DispatcherSettings.Read(reader),
            Log = LogSettings.Read(reader),
            Trace = TraceSettings.Read(reader),
            Cluster = ClusterSettings.Read(reader),
            ClusterServing = ClusterServingSettings.Read(reader),
            Links = LinkSettings.Read(reader),
            Watchdog = WatchdogSettings.Read(reader),
        };
    }

    /// <summary>Whether a key was set, in a profile or by an option.</summary>
    internal bool IsSet(string key) => Effective.Any(setting => setting.Key == key && !setting.Origin.IsDefault);

    /// <summary>The error of a rule that a key breaks: the key, the rule and its place.</summary>
    internal ConfigurationException Broken(string key, string rule) => _reader.Broken(key, rule);
}
