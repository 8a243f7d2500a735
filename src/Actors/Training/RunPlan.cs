using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Placement;
using Actors.Runtime.Fabric;
using Actors.Runtime.Stages;
using Actors.Schedules;

namespace Actors.Runtime.Training;

/// <summary>
/// The shape of a run: how ranks, layers, experts and sequences are divided. Ranks are numbered data group first, then
/// pipeline rank, then expert rank; node n of the run holds the ranks whose expert rank lies on node n of their group.
/// </summary>
public sealed record RunPlan
{
    /// <summary>The model.</summary>
    public required ModelConfig Model { get; init; }

    /// <summary>Positions of the pipeline.</summary>
    public int PipelineRanks { get; init; } = 1;

    /// <summary>Ranks of an expert group.</summary>
    public int ExpertRanks { get; init; } = 1;

    /// <summary>Expert ranks that share a node.</summary>
    public int RanksPerNode { get; init; } = 1;

    /// <summary>Copies of the pipeline, each with its share of the sequences.</summary>
    public int DataGroups { get; init; } = 1;

    /// <summary>Name of the schedule.</summary>
    public string Schedule { get; init; } = "1f1b";

    /// <summary>Micro-batches of a step in each data group.</summary>
    public int MicroBatches { get; init; } = 1;

    /// <summary>Sequences of a step over all data groups.</summary>
    public required int Sequences { get; init; }

    /// <summary>Tokens of a sequence.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Most nodes that a token may reach.</summary>
    public int NodeLimit { get; init; } = 4;

    /// <summary>Sizes of the fabric's buffers.</summary>
    public FabricSettings Fabric { get; init; } = new();

    /// <summary>What a backward keeps.</summary>
    public ActivationMode Activations { get; init; } = ActivationMode.Kept;

    /// <summary>Most trace events kept for a rank; 0 traces nothing.</summary>
    public int TraceCapacity { get; init; }

    /// <summary>Ranks of the run.</summary>
    public int Ranks => DataGroups * PipelineRanks * ExpertRanks;

    /// <summary>Nodes of the run.</summary>
    public int Nodes => ExpertRanks / RanksPerNode;

    /// <summary>Tokens of a step.</summary>
    public long TokensPerStep => (long)Sequences * SequenceLength;

    /// <summary>The exchange shape of every expert group.</summary>
    public GroupShape GroupShape() => new(ExpertRanks, RanksPerNode, Model.RoutedExperts, Model.ExpertsPerToken, Model.HiddenSize);

    /// <summary>Where experts live.</summary>
    public ExpertPlacement ExpertPlacement() => new(Model.RoutedExperts, ExpertRanks, RanksPerNode);

    /// <summary>What a training step plays.</summary>
    public Timetable TrainingTimetable() => ScheduleCatalog.Create(Schedule, new PipelineSize(PipelineRanks, MicroBatches));

    /// <summary>Number of a rank in the run.</summary>
    public int RankOf(int dataGroup, int pipelineRank, int expertRank) =>
        (((dataGroup * PipelineRanks) + pipelineRank) * ExpertRanks) + expertRank;

    /// <summary>Checks the rules of placement.</summary>
    /// <exception cref="ArgumentException">A rule is broken; the message names it and what would do.</exception>
    public RunPlan Validated()
    {
        Model.Validate();
        Fabric.Validated();
        _ = GroupShape();
        _ = new StageLayout(Model, PipelineRanks);
        Require(DataGroups >= 1, $"{DataGroups} data groups: choose 1 or more.");
        Require(Sequences >= 1 && Sequences % DataGroups == 0, $"{Sequences} sequences do not divide over {DataGroups} data groups: choose a multiple of {DataGroups}.");
        Require(
            SequenceLength >= 1 && SequenceLength <= Model.MaxPositions,
            $"Sequences of {SequenceLength} tokens do not fit the model's {Model.MaxPositions} positions: choose 1 to {Model.MaxPositions}.");
        Require(
            Model.ExpertGroups % Nodes == 0 || Nodes == 1,
            $"{Model.ExpertGroups} expert groups do not divide over {Nodes} nodes: a group of experts never spans nodes; choose ranks a node so that the nodes divide {Model.ExpertGroups}.");
        int reach = Math.Min(Nodes, Model.ExpertGroupsKept);
        Require(
            reach <= NodeLimit,
            $"A token may use {Model.ExpertGroupsKept} expert groups on {Nodes} nodes, so it could reach {reach} nodes; the node limit is {NodeLimit}: keep fewer groups, use fewer nodes or raise the limit.");
        ISchedule schedule = ScheduleCatalog.TryFind(Schedule, out ISchedule? found, out string? unknown) ? found : throw new ArgumentException(unknown);
        string? refusal = schedule.Refuse(new PipelineSize(PipelineRanks, MicroBatches));
        Require(refusal is null, refusal ?? "");
        return this;
    }

    private static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException(rule);
        }
    }
}
