namespace Actors.Tensors.Operations;

/// <summary>Root-mean-square normalization, float32.</summary>
public interface INormOperations
{
    /// <summary>
    /// y = x · rstd · weight with rstd = 1 / √(mean(x²) + epsilon) for each row. Where the mean square is beyond float32 the row
    /// becomes NaN instead of 0, so that it is noticed.
    /// </summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="weight">(1, columns).</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="y">(rows, columns); may be <paramref name="x"/>.</param>
    /// <param name="rstd">Output (1, rows), or absent.</param>
    void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd);

    /// <summary>
    /// Gradients of input and weight: dx = addend + rstd · (dy · weight − x · rstd² · mean(dy · weight · x)), and dWeight += Σ over
    /// rows, in order, of dy · x · rstd.
    /// </summary>
    /// <param name="dy">(rows, columns).</param>
    /// <param name="x">Saved input (rows, columns).</param>
    /// <param name="weight">(1, columns).</param>
    /// <param name="rstd">Saved (1, rows).</param>
    /// <param name="dx">(rows, columns); may be <paramref name="dy"/>.</param>
    /// <param name="dWeight">(1, columns), added to.</param>
    /// <param name="addend">(rows, columns) or absent; may be <paramref name="dx"/>.</param>
    void RmsNormBackward(Tensor dy, Tensor x, Tensor weight, Tensor rstd, Tensor dx, Tensor dWeight, Tensor addend = default);
}
