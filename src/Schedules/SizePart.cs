namespace Actors.Schedules;

/// <summary>What of a <see cref="PipelineSize"/> breaks a schedule's rule.</summary>
public enum SizePart
{
    /// <summary><see cref="PipelineSize.Ranks"/>.</summary>
    Ranks,

    /// <summary><see cref="PipelineSize.MicroBatches"/>.</summary>
    MicroBatches,

    /// <summary><see cref="PipelineSize.StagesPerRank"/>.</summary>
    StagesPerRank,
}
