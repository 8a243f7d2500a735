using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>What <see cref="RoutedExperts"/> makes of a chunk and does not keep. It grows with the rows that arrive.</summary>
internal sealed class ExpertTemporaries(IBackend backend) : IDisposable
{
    private readonly GrowingBuffer _results = new(backend, backend.Precision.Rows);
    private readonly GrowingBuffer _gradients = new(backend, backend.Precision.Rows);
    private readonly GrowingBuffer _weightGradients = new(backend, ElementType.Float32);

    private readonly GrowingBuffer _gradientCodes = new(backend, ElementType.E4M3);
    private readonly GrowingBuffer _gradientScales = new(backend, ElementType.Float32);

    /// <summary>Gate, up and activation, where <see cref="RoutedExpertsActivations"/> keeps codes instead.</summary>
    public FeedForwardTemporaries Inside { get; } = new(backend);

    /// <summary>(rows, H): the experts' outputs, in the backward the gradients of their inputs.</summary>
    public Tensor Results(int rows, int hidden) => _results.Take(rows, hidden);

    /// <summary>(rows, H): gradient of what each sorted row adds to its partial sum.</summary>
    public Tensor Gradients(int rows, int hidden) => _gradients.Take(rows, hidden);

    /// <summary>The same as codes.</summary>
    public QuantizedRows GradientCodes(int rows, int hidden)
    {
        var cuts = new TileCuts(hidden);
        return new QuantizedRows(_gradientCodes.Take(rows, hidden), _gradientScales.Take(rows, cuts.Count), cuts);
    }

    /// <summary>(1, rows): gradients of the rows' weights.</summary>
    public Tensor WeightGradients(int rows) => _weightGradients.Take(1, rows);

    /// <inheritdoc/>
    public void Dispose()
    {
        _results.Dispose();
        _gradients.Dispose();
        _weightGradients.Dispose();
        _gradientCodes.Dispose();
        _gradientScales.Dispose();
        Inside.Dispose();
    }
}
