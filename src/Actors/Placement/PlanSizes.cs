using MemoryPack;

namespace Actors.Runtime.Placement;

/// <summary>The sizes in which a plan may be smaller than the settings say, where devices are missing. All else of it the settings say.</summary>
/// <param name="DataGroups">Copies of the pipeline.</param>
/// <param name="ExpertRanks">Ranks of an expert group.</param>
/// <param name="RanksPerNode">Ranks that share a node.</param>
/// <param name="MicroBatches">Micro-batches of a step in each data group.</param>
[MemoryPackable]
public sealed partial record PlanSizes(int DataGroups, int ExpertRanks, int RanksPerNode, int MicroBatches);
