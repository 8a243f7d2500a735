using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Placement;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Schedules;
using Actors.Tensors;

namespace Actors.Runtime.Placement;

/// <summary>
/// The shape of a run: how ranks, layers, experts and sequences are divided. Ranks are numbered data group first, then
/// pipeline rank, then expert rank; a node is <see cref="RanksPerNode"/> consecutive ranks.
/// </summary>
public sealed record RunPlan
{
    /// <summary>The model.</summary>
    public required ModelConfig Model { get; init; }

    /// <summary>Positions of the pipeline.</summary>
    public required int PipelineRanks { get; init; }

    /// <summary>Ranks of an expert group.</summary>
    public required int ExpertRanks { get; init; }

    /// <summary>Ranks that share a node: a part of an expert group, or several groups.</summary>
    public required int RanksPerNode { get; init; }

    /// <summary>Whether each node has memory of its own and reaches the others through transports alone, even in one process.</summary>
    public required bool SeparatesNodes { get; init; }

    /// <summary>Devices that the ranks of a process compute on: each has the same number of consecutive ranks, and memory of its own.</summary>
    public int Devices { get; init; } = 1;

    /// <summary>Copies of the pipeline, each with its share of the sequences.</summary>
    public required int DataGroups { get; init; }

    /// <summary>Name of the schedule.</summary>
    public required string Schedule { get; init; }

    /// <summary>Stages that a rank holds in one direction; null leaves it to the schedule.</summary>
    public int? StagesPerRank { get; init; }

    /// <summary>Micro-batches of a step in each data group.</summary>
    public required int MicroBatches { get; init; }

    /// <summary>Sequences of a step's pass over all data groups, the largest one's.</summary>
    public required int Sequences { get; init; }

    /// <summary>Sequences and passes of each step; null: every step is one pass of <see cref="Sequences"/>.</summary>
    public BatchSchedule? Batches { get; init; }

    /// <summary>Tokens of a sequence.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Most nodes that a token may reach.</summary>
    public required int NodeLimit { get; init; }

    /// <summary>Sizes of the fabric's buffers.</summary>
    public required FabricSettings Fabric { get; init; }

    /// <summary>What a backward keeps.</summary>
    public required ActivationMode Activations { get; init; }

    /// <summary>Bytes that a chunk's logits may take in float32 before training computes them in blocks of rows, as <see cref="LogitsBlocks.Limit"/>.</summary>
    public long LogitsLimit { get; init; } = LogitsBlocks.Limit;

    /// <summary>How moments are stored: Float32 or BFloat16.</summary>
    public ElementType Moments { get; init; } = ElementType.Float32;

    /// <summary>The average of the parameters that is kept; null: none.</summary>
    public AverageOptions? Average { get; init; }

    /// <summary>Other processes that keep a copy of what a rank owns: 0 or 1.</summary>
    public int Replicas { get; init; }

    /// <summary>Whether attention sees only the document that a token lies in.</summary>
    public bool MasksDocuments { get; init; }

    /// <summary>Whether experts are kept evenly loaded within each sequence, by a loss of their own.</summary>
    public bool BalancesSequences { get; init; }

    /// <summary>Most trace events kept for a rank; 0 traces nothing.</summary>
    public int TraceCapacity { get; init; }

    /// <summary>Ranks of the run.</summary>
    public int Ranks => DataGroups * PipelineRanks * ExpertRanks;

    /// <summary>Stages that a micro-batch passes.</summary>
    /// <exception cref="ArgumentException">The schedule is unknown.</exception>
    public int Stages => PipelineRanks * PipelineSize.StagesPerRankOf(FoundSchedule());

    /// <summary>Nodes of the run.</summary>
    public int Nodes => (Ranks + RanksPerNode - 1) / RanksPerNode;

    /// <summary>Nodes of one expert group: between them its rows take the slow hop.</summary>
    public int GroupNodes => ExpertPlacement().Nodes;

    /// <summary>Most nodes that a token can reach by the gate's rule: those of the groups that it keeps, of which each lies in one node.</summary>
    public int NodesOfToken => Math.Min(GroupNodes, Model.ExpertGroups == 1 ? Model.ExpertsPerToken : Model.ExpertGroupsKept);

    /// <summary>Memory domains of the run in one process: each holds what its ranks can read and write directly.</summary>
    public int Domains => (Ranks + RanksPerDomain - 1) / RanksPerDomain;

    /// <summary>Tokens of a step's largest pass.</summary>
    public long TokensPerStep => (long)Sequences * SequenceLength;

    /// <summary>The sizes in which a plan may differ from what the settings say.</summary>
    public PlanSizes Sizes => new(DataGroups, ExpertRanks, RanksPerNode, MicroBatches);

    /// <summary>The placement in words.</summary>
    public string Description =>
        $"PP {PipelineRanks} x EP {ExpertRanks}{(DataGroups == 1 ? "" : $" x DP {DataGroups}")} in {Nodes} {(Nodes == 1 ? "node" : "nodes")}";

    /// <summary>The shape that settings ask for.</summary>
    public static RunPlan Of(ActorsSettings settings, ModelConfig model)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new RunPlan
        {
            Model = model,
            PipelineRanks = settings.Parallel.PipelineRanks,
            ExpertRanks = settings.Parallel.ExpertRanks,
            RanksPerNode = settings.Parallel.RanksPerNode,
            DataGroups = settings.Parallel.DataGroups,
            SeparatesNodes = !settings.Parallel.ShareMemory,
            Devices = settings.Devices,
            NodeLimit = settings.Parallel.NodeLimit,
            Schedule = settings.Pipeline.Schedule,
            StagesPerRank = settings.Pipeline.StagesPerRank,
            MicroBatches = settings.Pipeline.MicroBatches,
            Sequences = settings.Training.PassSequences,
            Batches = settings.Training.PlanBatches(),
            SequenceLength = settings.Training.SequenceLength,
            Fabric = settings.Fabric,
            Replicas = settings.Training.Replicas,
            Average = settings.Training.Average,
            Moments = settings.Training.Optimizer.Moments,
            MasksDocuments = settings.Data.MasksDocuments,
            BalancesSequences = settings.Training.BalanceLoss > 0,
            Activations = settings.Training.Recompute ? ActivationMode.Recomputed : ActivationMode.Kept,
        };
    }

    /// <summary>The exchange shape of every expert group. Rows go to the experts as what the first product there takes of them: codes, where it takes codes.</summary>
    /// <param name="precision">How the devices store rows; null: in float32.</param>
    public GroupShape GroupShape(Precision? precision = null)
    {
        Precision stored = precision ?? Precision.Float32;
        return new GroupShape(
            ExpertPlacement(), Model.ExpertsPerToken, Model.HiddenSize, stored.Rows, sendsCodes: stored.Quantizes(Model.HiddenSize),
            sendsGradientCodes: stored.Quantizes(Model.ExpertIntermediateSize));
    }

    /// <summary>Where experts live.</summary>
    public ExpertPlacement ExpertPlacement() => new(Model.RoutedExperts, ExpertRanks, RanksPerNode);

    /// <summary>What a full pass plays.</summary>
    public Timetable CreateTimetable() => CreateTimetable(MicroBatches);

    /// <summary>What a pass of so many micro-batches plays.</summary>
    /// <exception cref="ArgumentException">The schedule has no such timetable.</exception>
    public Timetable CreateTimetable(int microBatches) => FoundSchedule().Create(PipelineSize with { MicroBatches = microBatches });

    /// <summary>Whether the schedule has a timetable of so many micro-batches at the plan's ranks.</summary>
    public bool HasTimetable(int microBatches) => FoundSchedule().Refuse(PipelineSize with { MicroBatches = microBatches }) is null;

    /// <summary>How the sequences of a pass are cut in each data group; a pass of fewer sequences may have fewer micro-batches, see <see cref="BatchPlan.OfPass"/>.</summary>
    /// <param name="sequences">Sequences of the pass over all data groups, at most <see cref="Sequences"/>.</param>
    public BatchPlan CutOf(int sequences) => FullCut.OfPass(sequences / DataGroups, HasTimetable);

    /// <summary>Micro-batches that passes of the run have, ascending; the last number is <see cref="MicroBatches"/>.</summary>
    public IReadOnlyList<int> MicroBatchCounts()
    {
        BatchPlan full = FullCut;
        return [.. (Batches?.PassSizes() ?? []).Select(sequences => full.MicroBatchesOf(sequences / DataGroups, HasTimetable)).Append(MicroBatches).Distinct().Order()];
    }

    private BatchPlan FullCut => new(Sequences / DataGroups, MicroBatches, ExpertRanks);

    /// <summary>Consecutive ranks of a device.</summary>
    private int RanksPerDevice => Math.Max(1, Ranks / Devices);

    /// <summary>Consecutive ranks of a memory domain.</summary>
    private int RanksPerDomain => SeparatesNodes ? Math.Min(RanksPerNode, RanksPerDevice) : RanksPerDevice;

    internal PipelineSize PipelineSize => new(PipelineRanks, MicroBatches, StagesPerRank);

    /// <summary>The same run in other sizes.</summary>
    public RunPlan With(PlanSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return this with
        {
            DataGroups = sizes.DataGroups,
            ExpertRanks = sizes.ExpertRanks,
            RanksPerNode = sizes.RanksPerNode,
            MicroBatches = sizes.MicroBatches,
        };
    }

    /// <summary>Number of a rank in the run.</summary>
    public int RankOf(int dataGroup, int pipelineRank, int expertRank) =>
        (((dataGroup * PipelineRanks) + pipelineRank) * ExpertRanks) + expertRank;

    /// <summary>Where a rank stands.</summary>
    public RankPosition PositionOf(int rank) =>
        new(rank, rank / (PipelineRanks * ExpertRanks), rank / ExpertRanks % PipelineRanks, rank % ExpertRanks);

    /// <summary>The node of a rank.</summary>
    public int NodeOf(int rank) => rank / RanksPerNode;

    /// <summary>The node of the run that is a node of an expert group.</summary>
    public int NodeOf(int dataGroup, int pipelineRank, int groupNode) => NodeOf(RankOf(dataGroup, pipelineRank, GroupShape().RankAt(groupNode, 0)));

    /// <summary>The ranks of a node, ascending.</summary>
    public IEnumerable<int> RanksOf(int node) => Enumerable.Range(0, Ranks).Where(rank => NodeOf(rank) == node);

    /// <summary>The memory domain of a rank: its device's, or a node's on that device.</summary>
    public int DomainOf(int rank) => rank / RanksPerDomain;

    /// <summary>
    /// The reach of a rank: ranks of one read each other's memory where it lies, if their devices order streams. A node's where nodes have memory of their own, else
    /// all ranks'; a domain's where devices do not reach each other.
    /// </summary>
    /// <param name="rank">The rank.</param>
    /// <param name="devicesReach">Whether the devices of a process reach each other's memory.</param>
    public int ReachOf(int rank, bool devicesReach = true) => !devicesReach ? DomainOf(rank) : SeparatesNodes ? NodeOf(rank) : 0;

    /// <summary>The first rank of a memory domain.</summary>
    public int FirstRankOf(int domain) => domain * RanksPerDomain;

    /// <summary>The device of a rank.</summary>
    public int DeviceOf(int rank) => rank / RanksPerDevice;

    /// <summary>The same run on as many of its devices as have the same number of ranks.</summary>
    public RunPlan OnFittingDevices()
    {
        int devices = Math.Min(Devices, Ranks);
        while (Ranks % devices != 0)
        {
            devices--;
        }

        return this with { Devices = devices };
    }

    /// <summary>Checks the rules of placement.</summary>
    /// <exception cref="ArgumentException">A rule is broken; the message names it and what would do.</exception>
    public RunPlan Validated()
    {
        Model.Validate();
        Fabric.Validated();
        return FindFault() is { } fault ? throw new ArgumentException($"{fault.Rule}.") : this;
    }

    /// <summary>The first rule of placement that the plan breaks, or null.</summary>
    /// <exception cref="ArgumentException">The schedule is unknown.</exception>
    public PlacementFault? FindFault() => PlacementRules.FindFault(this, FoundSchedule());

    private ISchedule FoundSchedule() =>
        ScheduleCatalog.TryFind(Schedule, out ISchedule? found, out string? unknown) ? found : throw new ArgumentException(unknown);
}
