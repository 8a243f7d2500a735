namespace Actors.Tensors.Operations;

/// <summary>
/// Matrix products, float32. A row of a product does not depend on how many rows stand beside it: each element is
/// summed over the contracted dimension in index order, so batches may be cut anywhere without changing a bit.
/// </summary>
public interface ILinearOperations
{
    /// <summary>Refreshes what the backend derives from <see cref="Weight.Values"/> after they changed.</summary>
    void Prepare(Weight weight);

    /// <summary>y = x Wᵀ, or addend + x Wᵀ (the product rounded first).</summary>
    /// <param name="x">(rows, inputs).</param>
    /// <param name="weight">One matrix.</param>
    /// <param name="y">(rows, outputs).</param>
    /// <param name="addend">(rows, outputs) or absent; may be <paramref name="y"/>.</param>
    void Linear(Tensor x, Weight weight, Tensor y, Tensor addend = default);

    /// <summary>dx = dy W, or addend + dy W (the product rounded first).</summary>
    /// <param name="dy">(rows, outputs).</param>
    /// <param name="weight">One matrix.</param>
    /// <param name="dx">(rows, inputs).</param>
    /// <param name="addend">(rows, inputs) or absent; may be <paramref name="dx"/>.</param>
    void LinearBackwardInput(Tensor dy, Weight weight, Tensor dx, Tensor addend = default);

    /// <summary>dW += dyᵀ x, or dW = dyᵀ x, summed over rows in order.</summary>
    /// <param name="dy">(rows, outputs).</param>
    /// <param name="x">(rows, inputs).</param>
    /// <param name="dWeight">(outputs, inputs).</param>
    /// <param name="accumulate">Go on from what <paramref name="dWeight"/> holds; else from zero, whatever it holds.</param>
    void LinearBackwardWeight(Tensor dy, Tensor x, Tensor dWeight, bool accumulate = true);

    /// <summary>Grouped product: rows offsets[g] .. offsets[g+1] of x are multiplied by matrix g.</summary>
    /// <param name="x">(rows, inputs), the rows of a group together.</param>
    /// <param name="offsets">Int32 (1, groups + 1), ascending, from 0 to at most rows. Rows beyond the last are neither read nor written.</param>
    /// <param name="weight">One matrix a group.</param>
    /// <param name="y">(rows, outputs).</param>
    void GroupedLinear(Tensor x, Tensor offsets, Weight weight, Tensor y);

    /// <summary>Grouped dx = dy W. Shapes as in <see cref="GroupedLinear"/>.</summary>
    void GroupedLinearBackwardInput(Tensor dy, Tensor offsets, Weight weight, Tensor dx);

    /// <summary>Grouped dW[g] += dy[g]ᵀ x[g], or dW[g] = dy[g]ᵀ x[g].</summary>
    /// <param name="dy">(rows, outputs).</param>
    /// <param name="x">(rows, inputs).</param>
    /// <param name="offsets">As in <see cref="GroupedLinear"/>.</param>
    /// <param name="dWeight">(groups · outputs, inputs).</param>
    /// <param name="accumulate">As in <see cref="LinearBackwardWeight"/>; without it a group of no rows becomes zero.</param>
    void GroupedLinearBackwardWeight(Tensor dy, Tensor x, Tensor offsets, Tensor dWeight, bool accumulate = true);
}
