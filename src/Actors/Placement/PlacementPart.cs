namespace Actors.Runtime.Placement;

/// <summary>What of a <see cref="RunPlan"/> breaks a rule of placement, so that a user of settings can be told the key.</summary>
public enum PlacementPart
{
    /// <summary><see cref="RunPlan.PipelineRanks"/>.</summary>
    PipelineRanks,

    /// <summary><see cref="RunPlan.StagesPerRank"/>.</summary>
    StagesPerRank,

    /// <summary><see cref="RunPlan.MicroBatches"/>.</summary>
    MicroBatches,

    /// <summary><see cref="RunPlan.ExpertRanks"/>.</summary>
    ExpertRanks,

    /// <summary><see cref="RunPlan.RanksPerNode"/>.</summary>
    RanksPerNode,

    /// <summary><see cref="RunPlan.NodeLimit"/>.</summary>
    NodeLimit,

    /// <summary><see cref="RunPlan.DataGroups"/>.</summary>
    DataGroups,

    /// <summary><see cref="RunPlan.Devices"/>.</summary>
    Devices,

    /// <summary><see cref="RunPlan.Sequences"/>.</summary>
    Sequences,

    /// <summary><see cref="RunPlan.Batches"/>, where it grows.</summary>
    GrowingBatch,

    /// <summary><see cref="RunPlan.SequenceLength"/>.</summary>
    SequenceLength,
}
