namespace Actors.Tensors;

/// <summary>An operation was given tensors whose shapes or element types do not fit together.</summary>
public sealed class TensorShapeException : ArgumentException
{
    /// <summary>Reports a mismatch in one line.</summary>
    /// <param name="message">Operation, tensor, shape found and shape expected.</param>
    public TensorShapeException(string message)
        : base(message)
    {
    }

    /// <summary>Reports that <paramref name="tensor"/> of <paramref name="operation"/> has not the expected shape.</summary>
    public static TensorShapeException Mismatch(string operation, string tensor, Tensor found, string expected) =>
        new($"{operation}: {tensor} is {found}, expected {expected}.");
}
