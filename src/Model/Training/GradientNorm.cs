using System.Runtime.InteropServices;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Training;

/// <summary>
/// The norm of all gradients together: each block's squares are summed in float64 in element order, then the blocks' sums in
/// block order.
/// </summary>
public sealed class GradientNorm : IDisposable
{
    private readonly DeviceBuffer _buffer;
    private readonly Tensor _sums;
    private readonly byte[] _host;

    /// <summary>Allocates for <paramref name="blocks"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="blocks">Which blocks count, in the order of the sum; only trained ones.</param>
    public GradientNorm(IBackend backend, IReadOnlyList<ParameterBlock> blocks)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(blocks);
        Blocks = blocks;
        _buffer = backend.Allocate((long)blocks.Count * sizeof(double));
        _sums = new Tensor(_buffer, 0, blocks.Count, 1, 1, ElementType.Float64);
        _host = new byte[blocks.Count * sizeof(double)];
    }

    /// <summary>Which blocks count.</summary>
    public IReadOnlyList<ParameterBlock> Blocks { get; }

    /// <summary>The blocks' sums of squares, once a completion enqueued after <see cref="Enqueue"/> has come.</summary>
    public ReadOnlySpan<double> Sums => MemoryMarshal.Cast<byte, double>(_host);

    /// <summary>PyTorch's clip_grad_norm_: min(1, max / (norm + 1e-6)).</summary>
    public static double ClipCoefficient(double norm, double max) => Math.Min(1, max / (norm + 1e-6));

    /// <summary>Enqueues the sums and their way to the host.</summary>
    public void Enqueue(IStream stream, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(gradients);
        for (int i = 0; i < Blocks.Count; i++)
        {
            Add(stream, i, gradients[Blocks[i]]);
        }

        End(stream);
    }

    /// <summary>Enqueues the sum of one block, the <paramref name="index"/>-th of <see cref="Blocks"/>.</summary>
    public void Add(IStream stream, int index, Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.SumOfSquares(gradient, _sums.RowRange(index, 1));
    }

    /// <summary>Enqueues the way of all sums to the host, once every block was added.</summary>
    public void End(IStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Download(_sums, _host);
    }

    /// <summary>Root of the sum of <see cref="Sums"/> in order.</summary>
    public double Total()
    {
        double sum = 0;
        foreach (double value in Sums)
        {
            sum += value;
        }

        return Math.Sqrt(sum);
    }

    /// <summary>Where <see cref="Total"/> is not finite: the first block whose sum is not; the last one where only the total overflows.</summary>
    public ParameterBlock FirstNonFiniteBlock()
    {
        int first = 0;
        while (first < Blocks.Count - 1 && double.IsFinite(Sums[first]))
        {
            first++;
        }

        return Blocks[first];
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
