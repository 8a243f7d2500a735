using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>Codes that a product takes and nobody keeps. It grows with the rows.</summary>
internal sealed class QuantizedScratch(IBackend backend) : IDisposable
{
    private readonly Operand _rows = new(backend), _gradientTokens = new(backend), _inputTokens = new(backend);

    /// <summary>Rows cut along the sum of a product of rows.</summary>
    public QuantizedRows Rows(int rows, TileCuts cuts) => new(_rows.Codes.Take(rows, cuts.Length), _rows.Scales.Take(rows, cuts.Count), cuts);

    /// <summary>Gradients of outputs, transposed, for the gradient of a weight.</summary>
    public QuantizedTokens GradientTokens(int rows, int columns, int groups) => Tokens(_gradientTokens, rows, columns, groups);

    /// <summary>Inputs, transposed, for the gradient of a weight.</summary>
    public QuantizedTokens InputTokens(int rows, int columns, int groups) => Tokens(_inputTokens, rows, columns, groups);

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _gradientTokens.Dispose();
        _inputTokens.Dispose();
    }

    private static QuantizedTokens Tokens(Operand operand, int rows, int columns, int groups)
    {
        int places = QuantizedTokens.Places(rows, groups);
        return new QuantizedTokens(operand.Codes.Take(columns, checked(places * TileCuts.TileElements)), operand.Scales.Take(places, columns), rows);
    }

    private sealed class Operand(IBackend backend) : IDisposable
    {
        public GrowingBuffer Codes { get; } = new(backend, ElementType.E4M3);

        public GrowingBuffer Scales { get; } = new(backend, ElementType.Float32);

        public void Dispose()
        {
            Codes.Dispose();
            Scales.Dispose();
        }
    }
}
