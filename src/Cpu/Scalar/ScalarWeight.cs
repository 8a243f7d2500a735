using Actors.Tensors;

namespace Actors.Cpu.Scalar;

/// <summary>Matrices in checkpoint layout and nothing else.</summary>
internal sealed class ScalarWeight : Weight
{
    private readonly DeviceBuffer _buffer;

    /// <summary>Allocates zeros.</summary>
    public ScalarWeight(ScalarBackend backend, int groups, int outputs, int inputs)
        : base(groups, outputs, inputs)
    {
        int rows = checked(groups * outputs);
        _buffer = backend.Allocate((long)rows * inputs * sizeof(float));
        Values = new Tensor(_buffer, 0, rows, inputs, inputs, ElementType.Float32);
        for (int row = 0; row < rows; row++)
        {
            Values.RowSpan<float>(row).Clear();
        }
    }

    /// <inheritdoc/>
    public override Tensor Values { get; }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _buffer.Dispose();
        }
    }
}
