using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Parameters;

/// <summary>
/// A tensor for each trained block of a part, in one contiguous buffer: gradients, float32, or a moment of the optimizer.
/// Each stage instance has its own, while the values may be shared.
/// </summary>
public sealed class GradientSet : IDisposable
{
    private const int RowElements = 16;
    private readonly DeviceBuffer _buffer;
    private readonly Dictionary<ParameterBlock, int> _places = new(ReferenceEqualityComparer.Instance);
    private readonly List<ParameterBlock> _blocks = [];
    private readonly Tensor[] _tensors;
    private readonly bool[] _filled;

    /// <summary>Allocates a tensor for each trained one of <paramref name="blocks"/>; the contents are undefined.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="type">Float32, or for moments BFloat16.</param>
    public GradientSet(IBackend backend, IEnumerable<ParameterBlock> blocks, ElementType type = ElementType.Float32)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(blocks);
        _blocks.AddRange(blocks.Where(block => block.IsTrained));
        long rows = 0;
        foreach (ParameterBlock block in _blocks)
        {
            rows += RowsOf(block);
        }

        _buffer = backend.Allocate(rows * RowElements * type.SizeInBytes());
        All = new Tensor(_buffer, 0, checked((int)rows), RowElements, RowElements, type);
        _tensors = new Tensor[_blocks.Count];
        _filled = new bool[_blocks.Count];
        Array.Fill(_filled, true);
        long offset = 0;
        for (int place = 0; place < _tensors.Length; place++)
        {
            ParameterBlock block = _blocks[place];
            Tensor values = block.Values;
            _tensors[place] = new Tensor(_buffer, offset, values.Rows, values.Columns, values.Columns, type);
            _places.Add(block, place);
            offset += RowsOf(block) * RowElements;
        }
    }

    /// <summary>Bytes that a set takes for a block, trained or not.</summary>
    /// <param name="block">The block.</param>
    /// <param name="type">Float32, or for moments BFloat16.</param>
    public static long BytesOf(ParameterBlock block, ElementType type)
    {
        ArgumentNullException.ThrowIfNull(block);
        return RowsOf(block) * RowElements * type.SizeInBytes();
    }

    /// <summary>The trained blocks, in the order in which they lie.</summary>
    public IReadOnlyList<ParameterBlock> Blocks => _blocks;

    /// <summary>
    /// The whole buffer (rows, 16), for clearing and sending. Each block starts at a row; the rest of its last row is
    /// padding, which is 0 once the set has been cleared.
    /// </summary>
    public Tensor All { get; }

    /// <summary>The tensor of <paramref name="block"/>, with the shape of its values.</summary>
    /// <exception cref="KeyNotFoundException">The block is not in the set.</exception>
    public Tensor this[ParameterBlock block] => _tensors[PlaceOf(block)];

    /// <summary>Sets everything to zero.</summary>
    public void Clear(IStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Zero(All);
        Array.Fill(_filled, true);
    }

    /// <summary>
    /// Begins new sums, without touching the memory: the first operation that takes a block overwrites it. <see cref="End"/>
    /// before reading, or ask of each block whether the set <see cref="Has"/> it.
    /// </summary>
    public void Begin() => Array.Clear(_filled);

    /// <summary>Sets to zero what nothing was added to since <see cref="Begin"/>.</summary>
    public void End(IStream stream)
    {
        for (int place = 0; place < _filled.Length; place++)
        {
            Fill(stream, place);
        }
    }

    /// <summary>
    /// Whether anything was added to <paramref name="block"/> since <see cref="Begin"/>. If not, and before <see cref="End"/>, it stands
    /// for zero and its memory is undefined: a rank that had no tokens has nothing to sum.
    /// </summary>
    public bool Has(ParameterBlock block) => _filled[PlaceOf(block)];

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Names <paramref name="block"/>'s first matrix as what a product is added to soon.</summary>
    internal void Expect(IStream stream, ParameterBlock block) => stream.Expect(this[block].RowRange(0, block.Weight.Outputs));

    /// <summary>
    /// Adds dyᵀ x, the gradient of a linear layer, to <paramref name="block"/>'s; the first since <see cref="Begin"/> overwrites. Of
    /// no rows there is nothing to add.
    /// </summary>
    internal void AddProduct(IStream stream, ParameterBlock block, Tensor dy, Tensor x)
    {
        if (dy.Rows == 0)
        {
            return;
        }

        int place = PlaceOf(block);
        stream.LinearBackwardWeight(dy, x, _tensors[place], _filled[place]);
        _filled[place] = true;
    }

    /// <summary><see cref="AddProduct"/> of a grouped layer.</summary>
    internal void AddGroupedProduct(IStream stream, ParameterBlock block, Tensor dy, Tensor x, Tensor offsets)
    {
        if (dy.Rows == 0)
        {
            return;
        }

        int place = PlaceOf(block);
        stream.GroupedLinearBackwardWeight(dy, x, offsets, _tensors[place], _filled[place]);
        _filled[place] = true;
    }

    /// <summary>The same as <see cref="AddProduct"/>, or with offsets as <see cref="AddGroupedProduct"/>, of rows that were quantized along the tokens.</summary>
    internal void AddQuantizedProduct(IStream stream, ParameterBlock block, in QuantizedTokens dy, in QuantizedTokens x, Tensor offsets)
    {
        int place = PlaceOf(block);
        stream.QuantizedLinearBackwardWeight(dy, x, _tensors[place], _filled[place], offsets);
        _filled[place] = true;
    }

    /// <summary>
    /// Adds the gradient of a norm's weight to <paramref name="norm"/>'s, while the gradient of the norm's output becomes that of its
    /// input, plus <paramref name="addend"/>, where it lies.
    /// </summary>
    internal void AddNorm(IStream stream, ParameterBlock norm, Tensor gradient, Tensor input, Tensor rstd, Tensor addend = default)
    {
        if (gradient.Rows > 0)
        {
            stream.RmsNormBackward(gradient, input, norm.Values, rstd, gradient, TakeToAdd(stream, norm), addend);
        }
    }

    /// <summary>Adds the gradients of embedded tokens to the rows of <paramref name="table"/>'s, tokens in order.</summary>
    internal void AddEmbedding(IStream stream, ParameterBlock table, Tensor ids, Tensor gradient)
    {
        if (gradient.Rows > 0)
        {
            stream.EmbedBackward(ids, gradient, TakeToAdd(stream, table));
        }
    }

    /// <summary>The tensor of <paramref name="block"/> for an operation that only adds.</summary>
    internal Tensor TakeToAdd(IStream stream, ParameterBlock block)
    {
        int place = PlaceOf(block);
        Fill(stream, place);
        return _tensors[place];
    }

    private static long RowsOf(ParameterBlock block) => (block.Values.Count + RowElements - 1) / RowElements;

    private int PlaceOf(ParameterBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return _places.TryGetValue(block, out int place)
            ? place
            : throw new KeyNotFoundException($"{block.Name} has no tensor in this set: it is not trained or belongs to another part of the model.");
    }

    private void Fill(IStream stream, int place)
    {
        if (!_filled[place])
        {
            ArgumentNullException.ThrowIfNull(stream);
            stream.Zero(_tensors[place]);
            _filled[place] = true;
        }
    }
}
