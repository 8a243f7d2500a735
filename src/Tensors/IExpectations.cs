using Actors.Tensors.Operations;

namespace Actors.Tensors;

/// <summary>
/// What the operations to come will read or write, named in the order of its use. A device may fetch it into its caches while it
/// computes something else; no result depends on it. All is forgotten at the next <see cref="IStream.Notify"/>.
/// </summary>
public interface IExpectations
{
    /// <summary>A tensor, to be read or written; absent and empty ones name nothing.</summary>
    void Expect(Tensor tensor);

    /// <summary>The first matrix of <paramref name="weight"/>, as <see cref="ILinearOperations.Linear"/> reads it.</summary>
    void ExpectLinear(Weight weight);

    /// <summary>The first matrix of <paramref name="weight"/>, as <see cref="ILinearOperations.LinearBackwardInput"/> reads it.</summary>
    void ExpectLinearBackwardInput(Weight weight);
}
