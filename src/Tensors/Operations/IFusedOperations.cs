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

    /// <summary>
    /// y[r] = addend[r] + Σ over k of weights[r, k] · down_e(silu(gate_e x[r]) · up_e x[r]), e = experts[r, k], where −1 is another rank's: feed-forwards of few
    /// rows without an order of rows by expert, and without anything kept for a backward.
    /// </summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="experts">Int32 (rows, K), or absent: all by the one expert that there is.</param>
    /// <param name="weights">(rows, K), read where the choice is local; or absent: 1.</param>
    /// <param name="gateUp">A matrix an expert: gate rows, then up rows (2F, columns).</param>
    /// <param name="down">A matrix an expert (outputs, F).</param>
    /// <param name="y">Output (rows, outputs).</param>
    /// <param name="addend">(rows, outputs), or absent.</param>
    /// <returns>False: the device has no kernel for these shapes, and nothing was enqueued.</returns>
    bool TryFeedForward(Tensor x, Tensor experts, Tensor weights, Weight gateUp, Weight down, Tensor y, Tensor addend) => false;

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
}
