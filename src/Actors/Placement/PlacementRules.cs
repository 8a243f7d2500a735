using Actors.Model;
using Actors.Model.Placement;
using Actors.Runtime.Fabric.Layout;
using Actors.Schedules;

namespace Actors.Runtime.Placement;

/// <summary>The rules of placement: which model fits on which ranks.</summary>
internal static class PlacementRules
{
    /// <summary>Most forwards of a step over all stages: its timetable is held in memory.</summary>
    private const long MaxChunks = 1 << 20;

    /// <summary>The first rule that a plan breaks, or null.</summary>
    public static PlacementFault? FindFault(RunPlan plan, ISchedule schedule) =>
        FindNonPositive(plan) ?? FindInPipeline(plan, schedule) ?? FindInExperts(plan) ?? FindInNodes(plan) ?? FindInDevices(plan)
            ?? FindInSequences(plan);

    private static PlacementFault? FindNonPositive(RunPlan plan)
    {
        (PlacementPart Part, int Count, string What)[] counts =
        [
            (PlacementPart.PipelineRanks, plan.PipelineRanks, "pipeline ranks"), (PlacementPart.ExpertRanks, plan.ExpertRanks, "expert ranks"),
            (PlacementPart.RanksPerNode, plan.RanksPerNode, "ranks a node"), (PlacementPart.DataGroups, plan.DataGroups, "data groups"),
            (PlacementPart.Sequences, plan.Sequences, "sequences"), (PlacementPart.SequenceLength, plan.SequenceLength, "tokens of a sequence"),
            (PlacementPart.NodeLimit, plan.NodeLimit, "nodes that a token may reach"),
        ];
        foreach ((PlacementPart part, int count, string what) in counts)
        {
            if (count < 1)
            {
                return new PlacementFault(part, $"{count} {what} are too few; use 1 or more");
            }
        }

        return null;
    }

    private static PlacementFault? FindInPipeline(RunPlan plan, ISchedule schedule)
    {
        if (schedule.Refuse(plan.PipelineSize) is { } refusal)
        {
            return new PlacementFault(PartOf(refusal.Part), refusal.Rule);
        }

        int stagesPerRank = plan.PipelineSize.StagesPerRankOf(schedule);
        int layers = plan.Model.Layers;
        if ((long)plan.MicroBatches * plan.PipelineRanks * stagesPerRank > MaxChunks)
        {
            return new PlacementFault(
                PlacementPart.MicroBatches,
                $"{plan.MicroBatches} micro-batches in {plan.PipelineRanks * (long)stagesPerRank} stages are more chunks than the {MaxChunks} of a step; use fewer");
        }

        string ranks = stagesPerRank == 1 ? $"{plan.PipelineRanks} ranks" : $"{plan.PipelineRanks} ranks of {stagesPerRank} stages";
        return Unless(
            layers >= (long)plan.PipelineRanks * stagesPerRank,
            PlacementPart.PipelineRanks,
            $"{ranks} are more than the model's {layers} layers, and every stage needs one; use at most {layers / stagesPerRank}");
    }

    private static PlacementFault? FindInExperts(RunPlan plan) =>
        Fault(PlacementPart.ExpertRanks, ExpertPlacement.RefuseRanks(plan.Model.RoutedExperts, plan.ExpertRanks))
        ?? Fault(PlacementPart.RanksPerNode, RefuseNodes(plan));

    /// <summary>A node is a part of an expert group, or several whole ones.</summary>
    private static string? RefuseNodes(RunPlan plan)
    {
        if (plan.RanksPerNode <= plan.ExpertRanks)
        {
            return GroupShape.RefuseNodes(plan.ExpertRanks, plan.RanksPerNode);
        }

        return plan.RanksPerNode % plan.ExpertRanks == 0 && plan.Ranks % plan.RanksPerNode == 0
            ? null
            : $"nodes of {plan.RanksPerNode} ranks are no whole number of groups of {plan.ExpertRanks} expert ranks, or do not divide the run's {plan.Ranks} ranks; "
                + $"use a divisor of {plan.ExpertRanks}, or a multiple that divides {plan.Ranks}";
    }

    private static PlacementFault? FindInNodes(RunPlan plan)
    {
        ModelConfig model = plan.Model;
        int nodes = plan.GroupNodes;
        return Unless(
                model.ExpertGroups == 1 || model.ExpertGroups % nodes == 0,
                PlacementPart.RanksPerNode,
                $"{model.ExpertGroups} groups of experts do not divide over {nodes} nodes, and a group never spans nodes; use nodes of "
                + $"more ranks, so that their number divides {model.ExpertGroups}")
            ?? Unless(
                plan.NodesOfToken <= plan.NodeLimit,
                PlacementPart.NodeLimit,
                $"a token's {model.ExpertsPerToken} experts in {model.ExpertGroupsKept} of {model.ExpertGroups} groups can lie on "
                + $"{plan.NodesOfToken} of {nodes} nodes, and the limit is {plan.NodeLimit}; keep fewer groups or raise the limit");
    }

    private static PlacementFault? FindInDevices(RunPlan plan)
    {
        int perDevice = plan.Ranks / plan.Devices;
        return Unless(
                plan.Ranks % plan.Devices == 0,
                PlacementPart.Devices,
                $"{plan.Ranks} ranks do not divide over {plan.Devices} devices, and each takes as many; name {plan.OnFittingDevices().Devices}, or change the ranks")
            ?? Unless(
                plan is { Devices: 1 } or { SeparatesNodes: false } || perDevice % plan.RanksPerNode == 0 || plan.RanksPerNode % perDevice == 0,
                PlacementPart.Devices,
                $"{plan.Devices} devices of {perDevice} ranks cut nodes of {plan.RanksPerNode} ranks, and nodes that share no memory lie on one device, or on whole ones; "
                + "name another number of devices, or share memory");
    }

    private static PlacementFault? FindInSequences(RunPlan plan)
    {
        int positions = plan.Model.MaxPositions;
        return Unless(
                plan.Sequences % plan.DataGroups == 0,
                PlacementPart.Sequences,
                $"{plan.Sequences} sequences do not divide over {plan.DataGroups} data groups; use a multiple of {plan.DataGroups}")
            ?? Unless(
                (plan.Batches?.Unit ?? plan.Sequences) % plan.DataGroups == 0,
                PlacementPart.GrowingBatch,
                $"steps grow by multiples of {plan.Batches?.Unit} sequences, which do not divide over {plan.DataGroups} data groups; use start-sequences and increments that are "
                + $"multiples of {plan.DataGroups}")
            ?? Unless(
                plan.TokensPerStep <= Array.MaxLength,
                PlacementPart.Sequences,
                $"{plan.Sequences} sequences of {plan.SequenceLength} tokens are {plan.TokensPerStep} tokens, and a pass of a step holds {Array.MaxLength}; use at most "
                + $"{Array.MaxLength / plan.SequenceLength}")
            ?? Unless(
                plan.SequenceLength <= positions,
                PlacementPart.SequenceLength,
                $"{plan.SequenceLength} tokens are more than the model's {positions} positions; use at most {positions}")
            ?? FindInRows(plan)
            ?? FindInTimetables(plan);
    }

    /// <summary>The passes of a growing batch have timetables of their own, which are held in memory together.</summary>
    private static PlacementFault? FindInTimetables(RunPlan plan)
    {
        IReadOnlyList<int> counts = plan.MicroBatchCounts();
        long chunks = counts.Sum(microBatches => (long)microBatches) * plan.Stages;
        return Unless(
            chunks <= MaxChunks,
            PlacementPart.GrowingBatch,
            $"steps grow over {counts.Count} numbers of micro-batches up to {plan.MicroBatches}, whose timetables in {plan.Stages} stages have {chunks} chunks together, more than {MaxChunks}; "
            + "use a larger increment");
    }

    /// <summary>Rows of a rank's experts are numbered, however the gate sends them.</summary>
    private static PlacementFault? FindInRows(RunPlan plan)
    {
        int sequences = new BatchPlan(plan.Sequences / plan.DataGroups, plan.MicroBatches, plan.ExpertRanks).MaxChunkSequences;
        long rows = (long)sequences * plan.SequenceLength * plan.ExpertRanks * plan.Model.ExpertsPerToken;
        return Unless(
            rows <= int.MaxValue,
            PlacementPart.Sequences,
            $"chunks of {sequences} sequences of {plan.SequenceLength} tokens on {plan.ExpertRanks} expert ranks, {plan.Model.ExpertsPerToken} experts a token, may bring a rank {rows} rows, "
            + $"and {int.MaxValue} can be numbered; use fewer sequences, or more micro-batches");
    }

    private static PlacementPart PartOf(SizePart part) => part switch
    {
        SizePart.Ranks => PlacementPart.PipelineRanks,
        SizePart.MicroBatches => PlacementPart.MicroBatches,
        SizePart.StagesPerRank => PlacementPart.StagesPerRank,
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };

    private static PlacementFault? Unless(bool holds, PlacementPart part, string rule) => Fault(part, holds ? null : rule);

    private static PlacementFault? Fault(PlacementPart part, string? rule) => rule is null ? null : new PlacementFault(part, rule);
}
