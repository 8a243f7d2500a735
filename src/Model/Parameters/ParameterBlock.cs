using Actors.Tensors;

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

    private ParameterBlock(string name, Weight weight, HubTensor[] tensors)
        : this(name, InitialValue.Normal, isTrained: true, weight.Values, tensors)
    {
        _weight = weight;
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
        var tensors = new HubTensor[matrices.Length];
        int rows = 0;
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = new HubTensor(matrices[i].Name, rows, matrices[i].Rows, columns, IsVector: false);
            rows += matrices[i].Rows;
        }

        return new ParameterBlock(name, backend.CreateWeight(groups, rows / groups, columns), tensors) { Copies = copies };
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
}
