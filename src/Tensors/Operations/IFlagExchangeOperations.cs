namespace Actors.Tensors.Operations;

/// <summary>
/// Dispatch and combine of few tokens between ranks that each have a device of their own: operations that wait for the other ranks' flags in memory, so neither a
/// mark nor a host stands between two ranks. Layout, windows and sums are those of <see cref="IExchangeOperations"/>, but no rank knows how many tokens another has:
/// token t of rank s has row s · T + t of a window, T being <see cref="ExchangeFlags.Tokens"/>.
/// <para>
/// All ranks enqueue the same exchanges in the same order, each a dispatch, then what reads the windows and writes the partial sums, then a combine, on one stream a rank. One
/// set of windows is enough. A rank writes rows of the next exchange behind its combine, which has waited until the experts of all ranks have read theirs; its experts write
/// partial sums behind its next dispatch, which has waited until all ranks are behind their combines.
/// </para>
/// <para>
/// Where operations run at once they wait for nobody: who calls them has all ranks dispatch before one combines.
/// </para>
/// </summary>
public interface IFlagExchangeOperations
{
    /// <summary>
    /// windows[r][rank · T + t] = x[t] for each rank r that holds any of token t's experts. Choices go to every window: the local number of each expert, −1 for
    /// another rank's, and its weight, 0 for another rank's; −1 and 0 in the rows of tokens that the rank does not have. Behind it the rows of all ranks are in the
    /// rank's own window. Where a wait failed, choices of the own window are −1 or what a rank has written.
    /// </summary>
    /// <param name="flags">The group's.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="ranksPerNode">Ranks of a node, for the tally.</param>
    /// <param name="x">(tokens, columns), any element type; T tokens at most.</param>
    /// <param name="experts">Int32 (tokens, K): chosen experts; −1 is none.</param>
    /// <param name="weights">(tokens, K).</param>
    /// <param name="expertsPerRank">Experts of a rank.</param>
    /// <param name="windows">(ranks · T, columns) each; a row that is not written keeps what it had.</param>
    /// <param name="windowExperts">Int32 (ranks · T, K) each.</param>
    /// <param name="windowWeights">(ranks · T, K) each.</param>
    /// <param name="places">Output Int32 (tokens, ranks): the row of each token in each rank's window, −1 where it does not go.</param>
    /// <param name="tally">
    /// Int32 (1, 3): the most nodes that a token goes to, at least what it was; and, added to what they were, rows that the rank sends inside its node and beyond it.
    /// </param>
    void DispatchTokens(
        ExchangeFlags flags, int rank, int ranksPerNode, Tensor x, Tensor experts, Tensor weights, int expertsPerRank, ReadOnlySpan<Tensor> windows,
        ReadOnlySpan<Tensor> windowExperts, ReadOnlySpan<Tensor> windowWeights, Tensor places, Tensor tally);

    /// <summary>
    /// <see cref="IExchangeOperations.CollectSums"/> of all ranks' partial sums. It first tells all ranks that the rank's own are there, and waits for theirs. Where a
    /// wait failed, y keeps what it had.
    /// </summary>
    /// <param name="flags">The group's.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="ranksPerNode">Ranks of a node.</param>
    /// <param name="partials">(ranks · T, columns) each.</param>
    /// <param name="places">Int32 (tokens, ranks): where the dispatch has put them.</param>
    /// <param name="y">Output (tokens, columns).</param>
    void CombineTokens(ExchangeFlags flags, int rank, int ranksPerNode, ReadOnlySpan<Tensor> partials, Tensor places, Tensor y);
}
