using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Parameters;

/// <summary>
/// Values that are stored together and used by one operation: a linear layer's matrices (possibly several hub tensors one
/// above the other), a norm's weight, a table. Several instances of a pipeline stage in one process may share a block for
/// reading; gradients lie apart, in a <see cref="GradientSet"/>.
/// </summary>
public sealed class ParameterBlock : IDisposable
{
    private readonly Arena? _arena;
    private readonly Weight? _weight;

    private ParameterBlock(string name, InitialValue initial, bool isTrained, Tensor values, HubTensor[] tensors)
    {
        Name = name;
        Initial = initial;
        IsTrained = isTrained;
        Values = values;
        Tensors = tensors;
    }

    private ParameterBlock(string name, Weight weight, HubTensor[] tensors, Arena? codes = null)
        : this(name, InitialValue.Normal, isTrained: true, weight.Values, tensors)
    {
        (_weight, _arena) = (weight, codes);
    }

    private ParameterBlock(string name, InitialValue initial, bool isTrained, Arena arena, HubTensor[] tensors, int rows, int columns)
        : this(name, initial, isTrained, arena.Take(rows, columns), tensors)
    {
        _arena = arena;
    }

    /// <summary>Name for messages: the hub tensor's, or one that says what is fused.</summary>
    public string Name { get; }

    /// <summary>What the values are in a fresh model.</summary>
    public InitialValue Initial { get; }

    /// <summary>Whether it has a gradient; the correction bias has none.</summary>
    public bool IsTrained { get; }

    /// <summary>Float32, contiguous: (rows, columns); a vector is one row.</summary>
    public Tensor Values { get; }

    /// <summary>The hub tensors that lie in the values one above the other, in row order, covering every row.</summary>
    public IReadOnlyList<HubTensor> Tensors { get; }

    /// <summary>Names under which a checkpoint holds the same values once more: of the embedding and the head for each prediction module, which share them.</summary>
    public IReadOnlyList<HubTensor> Copies { get; init; } = [];

    /// <summary>Whether the block belongs to a linear layer and so has <see cref="Weight"/>.</summary>
    public bool HasWeight => _weight is not null;

    /// <summary>The matrices of the linear layer; prepare it after the values changed.</summary>
    /// <exception cref="InvalidOperationException">The block is a vector or a table.</exception>
    public Weight Weight => _weight ?? throw new InvalidOperationException($"{Name} is not the weight of a linear layer.");

    /// <summary>
    /// Codes and scales of the matrices, for products in E4M3: of a linear layer of transformer layers whose sums have whole tiles, on a device of
    /// <see cref="Precision.Fp8"/>; null: the products take <see cref="Weight"/> alone.
    /// </summary>
    public QuantizedBlocks? Quantized { get; private init; }

    /// <summary>Refreshes what is derived from the values of a linear layer; after they changed, and before its next product.</summary>
    public void Prepare(IStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (_weight is not null)
        {
            stream.Prepare(_weight);
        }

        Quantize(stream);
    }

    /// <summary>Refreshes the codes alone, where an operation that changed the values has done the rest of <see cref="Prepare"/>.</summary>
    public void Quantize(IStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (Quantized is { } codes)
        {
            stream.QuantizeBlocks(Values, codes, ScaleKind.Float32);
        }
    }

    /// <summary>
    /// A block of the same tensors in memory of its own: values that are kept and updated, and that no operation of a layer reads.
    /// </summary>
    /// <param name="backend">The device.</param>
    /// <param name="block">The block.</param>
    public static ParameterBlock Like(IBackend backend, ParameterBlock block)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(block);
        (int rows, int columns) = (block.Values.Rows, block.Values.Columns);
        return new ParameterBlock(block.Name, block.Initial, block.IsTrained, new Arena(backend, Arena.Plan(rows, columns)), [.. block.Tensors], rows, columns);
    }

    /// <summary>
    /// Fills the values of a fresh model. Each hub tensor has a stream of numbers of its own, keyed by <paramref name="seed"/> and its name, so
    /// a model does not depend on how it is placed.
    /// </summary>
    /// <param name="stream">Fills.</param>
    /// <param name="deviation">Standard deviation of matrices and tables.</param>
    /// <param name="seed">Decides the values.</param>
    public void Initialize(IStream stream, double deviation, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(stream);
        foreach (HubTensor tensor in Tensors)
        {
            Initialization.Fill(stream, View(Values, tensor), tensor.Name, Initial, deviation, seed);
        }
    }

    /// <summary>The rows of one hub tensor in <paramref name="values"/>: this block's, its gradient's or a moment's.</summary>
    public static Tensor View(Tensor values, HubTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return values.RowRange(tensor.FirstRow, tensor.Rows);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _weight?.Dispose();
        _arena?.Dispose();
    }

    /// <summary>A linear layer of <paramref name="groups"/> matrices made of hub matrices (name, rows), one above the other.</summary>
    internal static ParameterBlock Linear(
        IBackend backend, string name, int groups, int columns, params ReadOnlySpan<(string Name, int Rows)> matrices) =>
        Linear(backend, name, groups, columns, [], matrices);

    /// <summary>A linear layer that a checkpoint holds again under other names.</summary>
    internal static ParameterBlock Linear(
        IBackend backend, string name, int groups, int columns, IReadOnlyList<HubTensor> copies, params ReadOnlySpan<(string Name, int Rows)> matrices)
    {
        HubTensor[] tensors = Stack(columns, matrices, out int rows);
        return new ParameterBlock(name, backend.CreateWeight(groups, rows / groups, columns), tensors) { Copies = copies };
    }

    /// <summary>
    /// A linear layer of a transformer layer: <see cref="Linear(IBackend, string, int, int, ReadOnlySpan{ValueTuple{string, int}})"/>, and where the device's
    /// precision quantizes its products, with the codes that they take. A matrix is one hub tensor or two; blocks of scales are those of the tensors.
    /// </summary>
    internal static ParameterBlock Projection(
        IBackend backend, string name, int groups, int columns, params ReadOnlySpan<(string Name, int Rows)> matrices)
    {
        if (!backend.Precision.Quantizes(columns))
        {
            return Linear(backend, name, groups, columns, matrices);
        }

        HubTensor[] tensors = Stack(columns, matrices, out int rows);
        var cuts = new TileCuts(rows / groups, matrices[0].Rows);
        long bytes = Arena.Plan(rows, columns, ElementType.E4M3) + Arena.Plan(groups * columns, cuts.Length, ElementType.E4M3)
            + Arena.Plan(groups * cuts.Count, TileCuts.Covering(columns));
        var codes = new Arena(backend, bytes);
        var quantized = new QuantizedBlocks(
            codes.Take(rows, columns, ElementType.E4M3), codes.Take(groups * cuts.Count, TileCuts.Covering(columns)), groups, cuts,
            codes.Take(groups * columns, cuts.Length, ElementType.E4M3));
        return new ParameterBlock(name, backend.CreateMaster(groups, cuts.Length, columns), tensors, codes) { Quantized = quantized };
    }

    /// <summary>A vector.</summary>
    internal static ParameterBlock Vector(IBackend backend, string name, int columns, InitialValue initial, bool isTrained = true) =>
        new(name, initial, isTrained, new Arena(backend, Arena.Plan(1, columns)), [new HubTensor(name, 0, 1, columns, IsVector: true)], 1, columns);

    /// <summary>A table whose rows are looked up, which a checkpoint may hold again under other names.</summary>
    internal static ParameterBlock Table(IBackend backend, string name, int rows, int columns, IReadOnlyList<HubTensor> copies) =>
        new(
            name,
            InitialValue.Normal,
            isTrained: true,
            new Arena(backend, Arena.Plan(rows, columns)),
            [new HubTensor(name, 0, rows, columns, IsVector: false)],
            rows,
            columns)
        {
            Copies = copies,
        };

    private static HubTensor[] Stack(int columns, ReadOnlySpan<(string Name, int Rows)> matrices, out int rows)
    {
        var tensors = new HubTensor[matrices.Length];
        rows = 0;
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = new HubTensor(matrices[i].Name, rows, matrices[i].Rows, columns, IsVector: false);
            rows += matrices[i].Rows;
        }

        return tensors;
    }
}
