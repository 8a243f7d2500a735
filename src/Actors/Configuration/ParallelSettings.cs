namespace Actors.Runtime.Configuration;

/// <summary><c>actors.parallel</c>: who holds what.</summary>
/// <param name="PipelineRanks">Ranks in a row that each hold a part of the layers.</param>
/// <param name="ExpertRanks">Ranks over which a layer's experts are spread.</param>
/// <param name="RanksPerNode">Ranks that share a node and its fast links.</param>
/// <param name="DataGroups">Copies of the whole pipeline.</param>
/// <param name="NodeLimit">Most nodes that a token's experts may lie on.</param>
/// <param name="ShareMemory">Whether the ranks of a process read and write the same memory, whichever node they are of.</param>
public sealed record ParallelSettings(int PipelineRanks, int ExpertRanks, int RanksPerNode, int DataGroups, int NodeLimit, bool ShareMemory)
{
    internal const string Section = "actors.parallel";

    internal static ParallelSettings Read(SettingsReader reader) => new(
        reader.Int($"{Section}.pipeline-ranks", most: 4096),
        reader.Int($"{Section}.expert-ranks", most: 4096),
        reader.Int($"{Section}.ranks-per-node", most: 4096),
        reader.Int($"{Section}.data-groups", most: 4096),
        reader.Int($"{Section}.node-limit"),
        reader.Flag($"{Section}.share-memory"));
}
