namespace Actors.Tensors.Operations;

/// <summary>
/// Operations that follow each other so often that a device may compute them in one go; the results are those of one after the other, but for where a device
/// that rounds rows does not round between them.
/// </summary>
public interface IFusedOperations : INormOperations, ILinearOperations, IAttentionOperations, IRoutingOperations
{
    /// <summary>normed = norm(x), y = normed Wᵀ: <see cref="INormOperations.RmsNorm"/>, then <see cref="ILinearOperations.Linear"/>.</summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="norm">(1, columns).</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="normed">Output (rows, columns).</param>
    /// <param name="rstd">Output (1, rows), or absent.</param>
    /// <param name="weight">One matrix.</param>
    /// <param name="y">Output (rows, outputs).</param>
    void NormLinear(Tensor x, Tensor norm, float epsilon, Tensor normed, Tensor rstd, Weight weight, Tensor y)
    {
        RmsNorm(x, norm, epsilon, normed, rstd);
        Linear(normed, weight, y);
    }

    /// <summary>
    /// What decoding does with a token's projections before attention: rotates queries and key in place, norms the latent, and puts latent and key into the
    /// token's row of the cache.
    /// </summary>
    /// <param name="query">(rows, heads · query columns).</param>
    /// <param name="latent">(rows, latent columns).</param>
    /// <param name="key">(rows, rope columns).</param>
    /// <param name="append">Norm, tables and places.</param>
    /// <param name="normed">Output (rows, latent columns).</param>
    /// <param name="cache">(any, latent + rope columns).</param>
    void AppendLatents(Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache) =>
        AppendInTurn(this, query, latent, key, append, normed, cache);

    /// <summary>The heads' queries from compressed ones, then what <see cref="AppendLatents"/> does with them: <see cref="NormLinear"/> before it.</summary>
    /// <param name="projection">Norm and up-projection of the queries.</param>
    /// <param name="query">Output (rows, heads · query columns), rotated.</param>
    /// <param name="latent">(rows, latent columns).</param>
    /// <param name="key">(rows, rope columns), rotated in place.</param>
    /// <param name="append">Norm, tables and places.</param>
    /// <param name="normed">Output (rows, latent columns).</param>
    /// <param name="cache">(any, latent + rope columns).</param>
    void AppendProjected(in QueryProjection projection, Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache) =>
        AppendProjectedInTurn(this, projection, query, latent, key, append, normed, cache);

    /// <summary>
    /// Which experts compute the norm of a row: <see cref="NormLinear"/> into <paramref name="scores"/>, then <see cref="IRoutingOperations.ChooseExperts"/>.
    /// </summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="norm">(1, columns).</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="normed">Output (rows, columns).</param>
    /// <param name="rstd">Output (1, rows), or absent.</param>
    /// <param name="gate">Product and rule.</param>
    /// <param name="scores">Output (rows, experts).</param>
    /// <param name="experts">Output Int32 (rows, ExpertsKept).</param>
    /// <param name="weights">Output (rows, ExpertsKept).</param>
    void NormChooseExperts(Tensor x, Tensor norm, float epsilon, Tensor normed, Tensor rstd, in GateChoice gate, Tensor scores, Tensor experts, Tensor weights) =>
        NormChooseInTurn(this, x, norm, epsilon, normed, rstd, gate, scores, experts, weights);

    /// <summary>
    /// y[r] = addend[r] + (Σ over k of weights[r, k] · down_e(silu(gate_e x[r]) · up_e x[r]) + down_s(silu(gate_s x[r]) · up_s x[r])), e being the row's experts
    /// and s one that all rows share: feed-forwards of few rows without an order of rows by expert, and without anything kept for a backward. The sum is rounded
    /// once: neither that of the experts nor the shared output is ever stored.
    /// </summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="chosen">Each row's experts; null: the shared one alone.</param>
    /// <param name="shared">One matrix each; null: none.</param>
    /// <param name="y">Output (rows, outputs).</param>
    /// <param name="addend">(rows, outputs), or absent.</param>
    /// <returns>False: the device has no kernel for these shapes, and nothing was enqueued.</returns>
    bool TryFeedForward(Tensor x, ChosenExperts? chosen, FeedForwardWeights? shared, Tensor y, Tensor addend) => false;

    /// <summary><see cref="AppendLatents"/> as one operation after the other.</summary>
    static void AppendInTurn(IFusedOperations stream, Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Rope(query, append.Heads, append.Positions, append.Cos, append.Sin, inverse: false);
        stream.Rope(key, 1, append.Positions, append.Cos, append.Sin, inverse: false);
        stream.RmsNorm(latent, append.Norm, append.Epsilon, normed, default);
        stream.PutRows(normed, append.Places, cache.ColumnRange(0, latent.Columns));
        stream.PutRows(key, append.Places, cache.ColumnRange(latent.Columns, key.Columns));
    }

    /// <summary><see cref="AppendProjected"/> as one operation after the other.</summary>
    static void AppendProjectedInTurn(
        IFusedOperations stream, in QueryProjection projection, Tensor query, Tensor latent, Tensor key, in LatentAppend append, Tensor normed, Tensor cache)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.NormLinear(projection.Latent, projection.Norm, projection.Epsilon, projection.Normed, default, projection.Up, query);
        stream.AppendLatents(query, latent, key, append, normed, cache);
    }

    /// <summary><see cref="NormChooseExperts"/> as one operation after the other.</summary>
    static void NormChooseInTurn(
        IFusedOperations stream, Tensor x, Tensor norm, float epsilon, Tensor normed, Tensor rstd, in GateChoice gate, Tensor scores, Tensor experts, Tensor weights)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.NormLinear(x, norm, epsilon, normed, rstd, gate.Weight, scores);
        stream.ChooseExperts(scores, gate.Bias, gate.Shape, scores, experts, weights);
    }
}
