using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>What <see cref="RoutedExperts"/> makes of a chunk and does not keep. It grows with the rows that arrive.</summary>
internal sealed class ExpertTemporaries(IBackend backend) : IDisposable
{
    private readonly GrowingBuffer _results = new(backend, backend.Precision.Rows);
    private readonly GrowingBuffer _gathered = new(backend, backend.Precision.Rows);
    private readonly GrowingBuffer _weightGradients = new(backend, ElementType.Float32);

    /// <summary>Gate, up and activation, where <see cref="RoutedExpertsActivations"/> keeps codes instead.</summary>
    public FeedForwardTemporaries Inside { get; } = new(backend);

    /// <summary>(rows, H): the experts' outputs, in the backward the gradients of their inputs.</summary>
    public Tensor Results(int rows, int hidden) => _results.Take(rows, hidden);

    /// <summary>(rows, H): received rows sorted by expert; in the backward gradients of what each adds to its partial sum, in the forward inputs of which codes are kept.</summary>
    public Tensor Gathered(int rows, int hidden) => _gathered.Take(rows, hidden);

    /// <summary>(1, rows): gradients of the rows' weights.</summary>
    public Tensor WeightGradients(int rows) => _weightGradients.Take(1, rows);

    /// <inheritdoc/>
    public void Dispose()
    {
        _results.Dispose();
        _gathered.Dispose();
        _weightGradients.Dispose();
        Inside.Dispose();
    }
}
