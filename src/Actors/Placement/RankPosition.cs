namespace Actors.Runtime.Placement;

/// <summary>Where a rank stands in the run.</summary>
/// <param name="Rank">Number in the run.</param>
/// <param name="DataGroup">Its copy of the pipeline.</param>
/// <param name="PipelineRank">Position in the pipeline.</param>
/// <param name="ExpertRank">Rank in its expert group.</param>
public readonly record struct RankPosition(int Rank, int DataGroup, int PipelineRank, int ExpertRank);
