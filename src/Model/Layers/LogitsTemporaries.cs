using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>Logits of a block of rows, which an <see cref="OutputHead"/> takes and does not keep.</summary>
internal sealed class LogitsTemporaries(IBackend backend) : IDisposable
{
    private readonly GrowingBuffer _rows = new(backend, backend.Precision.Rows), _float32 = new(backend, ElementType.Float32);

    /// <summary>(rows, vocabulary), in the backward their gradient.</summary>
    /// <param name="rows">Rows of the block.</param>
    /// <param name="vocabulary">Columns.</param>
    /// <param name="type">Float32, or that of the device's rows.</param>
    public Tensor Take(int rows, int vocabulary, ElementType type) => (type == ElementType.Float32 ? _float32 : _rows).Take(rows, vocabulary);

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _float32.Dispose();
    }
}
