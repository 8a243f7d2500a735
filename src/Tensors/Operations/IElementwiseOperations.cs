namespace Actors.Tensors.Operations;

/// <summary>Moves, fills and sums. Float32 unless said otherwise.</summary>
public interface IElementwiseOperations
{
    /// <summary>Sets every element of <paramref name="x"/> (any rows, any element type) to zero.</summary>
    void Zero(Tensor x);

    /// <summary>
    /// Copies <paramref name="source"/> to <paramref name="destination"/>: same rows, columns and element type. Where rows may be bfloat16, from float32 to
    /// bfloat16, rounded to nearest even, and back, too.
    /// </summary>
    void Copy(Tensor source, Tensor destination);

    /// <summary>Copies host memory to a contiguous tensor. The span may be reused when the call returns.</summary>
    void Upload(ReadOnlySpan<byte> source, Tensor destination);

    /// <summary>Copies a contiguous tensor to host memory, which must stay valid until the next completion.</summary>
    void Download(Tensor source, Memory<byte> destination);

    /// <summary>sum = a + b; <paramref name="sum"/> may be a or b.</summary>
    void Add(Tensor a, Tensor b, Tensor sum);

    /// <summary>sum = a + (b + c), in this order of rounding; <paramref name="sum"/> may be any of them.</summary>
    void Add(Tensor a, Tensor b, Tensor c, Tensor sum);

    /// <summary>
    /// SwiGLU: y = silu(gate) · up, silu(g) = g / (1 + e^−g), with <paramref name="gateUp"/> (rows, 2F) holding gate then up
    /// and <paramref name="y"/> (rows, F); <paramref name="live"/> rows of them, see <see cref="LiveRows"/>.
    /// </summary>
    void SwiGlu(Tensor gateUp, Tensor y, Tensor live = default);

    /// <summary>
    /// Backward of a SwiGLU whose row r was multiplied by weight w[r] afterwards (1 where <paramref name="weights"/> is absent).
    /// With a = silu(gate) · up and dy (rows, F) the gradient of w · a: dGateUp (rows, 2F) gets w · dy · ∂a,
    /// weighted (rows, F) gets w · a, and dWeights (1, rows) gets Σ dy · a.
    /// </summary>
    /// <param name="gateUp">Saved input (rows, 2F).</param>
    /// <param name="dy">Gradient before weighting (rows, F).</param>
    /// <param name="weights">(1, rows), or absent.</param>
    /// <param name="dGateUp">Output (rows, 2F); may be <paramref name="gateUp"/>.</param>
    /// <param name="weighted">Output (rows, F): what the following product's weight gradient needs; may be <paramref name="dy"/>.</param>
    /// <param name="dWeights">Output (1, rows), absent where weights are.</param>
    /// <param name="live">Rows that are there, see <see cref="LiveRows"/>.</param>
    void SwiGluBackward(Tensor gateUp, Tensor dy, Tensor weights, Tensor dGateUp, Tensor weighted, Tensor dWeights, Tensor live = default);
}
