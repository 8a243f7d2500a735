namespace Actors.Tensors.Operations;

/// <summary>
/// Rows on their way between ranks whose memories a device reaches: a rank's tokens go to windows of the ranks that hold their experts, and the sums come
/// back. Nothing of it is read by a host. Windows are tensors of equal shape, one a rank, in rank order; experts lie on ranks as equal runs, in rank order.
/// A place is the row of a token in a rank's window.
/// </summary>
public interface IExchangeOperations
{
    /// <summary>Most ranks of a group.</summary>
    const int MostRanks = 64;

    /// <summary>Numbers the tokens that go to each rank: a token goes once to each rank that holds any of its experts.</summary>
    /// <param name="experts">Int32 (tokens, K): chosen experts; −1 is none.</param>
    /// <param name="expertsPerRank">Experts of a rank.</param>
    /// <param name="places">Output Int32 (tokens, ranks): a token's number, in token order, among those that go to a rank; −1 where it does not.</param>
    /// <param name="counts">Output Int32 (1, ranks): how many go to each.</param>
    void CountDestinations(Tensor experts, int expertsPerRank, Tensor places, Tensor counts);

    /// <summary>
    /// Makes places of numbers, and counts: a window has the rows of the first rank, then those of the second, and so on. What has no room in a window has no
    /// place.
    /// </summary>
    /// <param name="counts">Int32 (ranks, ranks): row r is what rank r has counted.</param>
    /// <param name="rank">The rank whose numbers these are.</param>
    /// <param name="ranksPerNode">Ranks of a node: the first so many are one, the next another.</param>
    /// <param name="capacity">Rows of a window.</param>
    /// <param name="places">Int32 (tokens, ranks): numbers, which become places.</param>
    /// <param name="received">Output Int32 (1, 1): rows that come to the rank itself, at most its capacity.</param>
    /// <param name="tally">
    /// Int32 (1, 5): the most rows that came to the rank's window, with those that had no room; the most nodes that a token goes to, each at least what it was;
    /// and, added to what they were, rows that the rank sends inside its node and beyond it, and the nodes of each token.
    /// </param>
    void PlaceRows(Tensor counts, int rank, int ranksPerNode, int capacity, Tensor places, Tensor received, Tensor tally);

    /// <summary>windows[r][places[t, r]] = x[t], where a place is 0 or more.</summary>
    /// <param name="x">(tokens, columns), any element type.</param>
    /// <param name="places">Int32 (tokens, ranks).</param>
    /// <param name="windows">(capacity, columns) each.</param>
    void PushRows(Tensor x, Tensor places, ReadOnlySpan<Tensor> windows);

    /// <summary>Brings tokens' choices to the same places: local expert numbers, −1 for another rank's, and weights, 0 for another rank's.</summary>
    /// <param name="experts">Int32 (tokens, K).</param>
    /// <param name="weights">(tokens, K).</param>
    /// <param name="expertsPerRank">Experts of a rank.</param>
    /// <param name="places">Int32 (tokens, ranks).</param>
    /// <param name="windowExperts">Int32 (capacity, K) each.</param>
    /// <param name="windowWeights">(capacity, K) each.</param>
    void PushChoices(
        Tensor experts, Tensor weights, int expertsPerRank, Tensor places, ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights);

    /// <summary>
    /// y[t] = the sum of windows[r][places[t, r]] over the ranks of a token, in float32 and rounded once: those of a node in rank order, then nodes in order. The
    /// first term is taken as it is; a token without a place is zero.
    /// </summary>
    /// <param name="windows">(capacity, columns) each.</param>
    /// <param name="places">Int32 (tokens, ranks).</param>
    /// <param name="ranksPerNode">Ranks of a node.</param>
    /// <param name="y">(tokens, columns).</param>
    void CollectSums(ReadOnlySpan<Tensor> windows, Tensor places, int ranksPerNode, Tensor y);

    /// <summary>Brings each choice's weight gradient back from the rank that holds its expert; 0 for −1, and where a token has no place.</summary>
    /// <param name="windows">(capacity, K) each.</param>
    /// <param name="experts">Int32 (tokens, K).</param>
    /// <param name="expertsPerRank">Experts of a rank.</param>
    /// <param name="places">Int32 (tokens, ranks).</param>
    /// <param name="dWeights">Output (tokens, K).</param>
    void CollectWeightGradients(ReadOnlySpan<Tensor> windows, Tensor experts, int expertsPerRank, Tensor places, Tensor dWeights);

    /// <summary>sum = ((parts[0] + parts[1]) + parts[2]) + ..., of tensors of several ranks: the first is taken as it is.</summary>
    /// <param name="parts">Float32 of one shape and contiguous, 1 to <see cref="MostRanks"/>.</param>
    /// <param name="sum">The same; it may be any of the parts.</param>
    void SumTensors(ReadOnlySpan<Tensor> parts, Tensor sum);
}
