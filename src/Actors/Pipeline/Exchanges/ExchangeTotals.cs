namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>What a rank's exchanges of a step have shown.</summary>
/// <param name="MaxNodesOfToken">Most nodes that a token went to.</param>
/// <param name="NodesOfTokens">Nodes that tokens went to, added up over tokens and layers; 0 where the rank holds all experts, or waits for others' flags.</param>
/// <param name="HadRoom">Whether all rows had room: else the step is not one, and is repeated.</param>
internal readonly record struct ExchangeTotals(int MaxNodesOfToken, long NodesOfTokens, bool HadRoom);
