using Actors.Tensors;

namespace Actors.Model.Parameters;

/// <summary>
/// A float32 tensor for each trained block of a part, in one contiguous buffer: gradients, or a moment of the optimizer.
/// Each stage instance has its own, while the values may be shared.
/// </summary>
public sealed class GradientSet : IDisposable
{
    private const int RowElements = 16;
    private readonly DeviceBuffer _buffer;
    private readonly Dictionary<ParameterBlock, Tensor> _tensors = new(ReferenceEqualityComparer.Instance);
    private readonly List<ParameterBlock> _blocks = [];

    /// <summary>Allocates a tensor for each trained one of <paramref name="blocks"/>; the contents are undefined.</summary>
    public GradientSet(IBackend backend, IEnumerable<ParameterBlock> blocks)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(blocks);
        _blocks.AddRange(blocks.Where(block => block.IsTrained));
        long rows = 0;
        foreach (ParameterBlock block in _blocks)
        {
            rows += RowsOf(block);
        }

        _buffer = backend.Allocate(rows * RowElements * sizeof(float));
        All = new Tensor(_buffer, 0, checked((int)rows), RowElements, RowElements, ElementType.Float32);
        long offset = 0;
        foreach (ParameterBlock block in _blocks)
        {
            Tensor values = block.Values;
            _tensors.Add(block, new Tensor(_buffer, offset, values.Rows, values.Columns, values.Columns, ElementType.Float32));
            offset += RowsOf(block) * RowElements;
        }
    }

    /// <summary>The trained blocks, in the order in which they lie.</summary>
    public IReadOnlyList<ParameterBlock> Blocks => _blocks;

    /// <summary>
    /// The whole buffer (rows, 16), for clearing, sending and summing. Each block starts at a row; the rest of its last row is
    /// padding, which is 0 once the set has been cleared.
    /// </summary>
    public Tensor All { get; }

    /// <summary>The tensor of <paramref name="block"/>, with the shape of its values.</summary>
    /// <exception cref="KeyNotFoundException">The block is not in the set.</exception>
    public Tensor this[ParameterBlock block]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(block);
            return _tensors.TryGetValue(block, out Tensor tensor)
                ? tensor
                : throw new KeyNotFoundException($"{block.Name} has no tensor in this set: it is not trained or belongs to another part of the model.");
        }
    }

    /// <summary>Sets everything to zero.</summary>
    public void Clear(IStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Zero(All);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private static long RowsOf(ParameterBlock block) => (block.Values.Count + RowElements - 1) / RowElements;
}
