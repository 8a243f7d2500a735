namespace Actors.Tensors;

/// <summary>
/// A tensor that the host reads and writes directly and that operations of its device take as any other. Its memory was asked for
/// with <see cref="IBackend.AllocateHost"/>: an <see cref="Arena"/> and a <see cref="TensorPool"/> hand such tensors out. What a stream
/// wrote may be read once a completion enqueued after it has come. <c>default</c> means "none".
/// </summary>
public readonly struct HostTensor
{
    private readonly Tensor _tensor;

    /// <summary>Views host-readable memory.</summary>
    /// <exception cref="ArgumentException">The host cannot read the memory.</exception>
    public HostTensor(Tensor tensor)
    {
        if (!tensor.Buffer.IsHost)
        {
            throw new ArgumentException($"{tensor} lies in device memory, which the host cannot read; take it from IBackend.AllocateHost, or download it.");
        }

        _tensor = tensor;
    }

    /// <summary>Number of rows.</summary>
    public int Rows => _tensor.Rows;

    /// <summary>Elements in a row.</summary>
    public int Columns => _tensor.Columns;

    /// <summary>How an element is stored.</summary>
    public ElementType Type => _tensor.Type;

    /// <summary>Whether this is <c>default</c>: no tensor.</summary>
    public bool IsAbsent => _tensor.IsAbsent;

    /// <summary>The same elements, for operations.</summary>
    public Tensor Tensor => _tensor;

    /// <summary>Rows <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/> − 1.</summary>
    public HostTensor RowRange(int start, int count) => new(_tensor.RowRange(start, count));

    /// <summary>Columns <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/> − 1 of every row.</summary>
    public HostTensor ColumnRange(int start, int count) => new(_tensor.ColumnRange(start, count));

    /// <summary>The elements of a contiguous tensor.</summary>
    /// <typeparam name="T">A type of the element's size.</typeparam>
    public unsafe Span<T> AsSpan<T>()
        where T : unmanaged
    {
        CheckSize(sizeof(T));
        return _tensor.IsContiguous
            ? new Span<T>((void*)_tensor.Pointer, checked((int)_tensor.Count))
            : throw new InvalidOperationException($"{_tensor} is not contiguous; take a row at a time.");
    }

    /// <summary>One row.</summary>
    /// <typeparam name="T">A type of the element's size.</typeparam>
    /// <param name="row">Row number, from 0.</param>
    public unsafe Span<T> RowSpan<T>(int row)
        where T : unmanaged
    {
        CheckSize(sizeof(T));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_tensor.Rows);
        return new Span<T>((T*)_tensor.Pointer + ((long)row * _tensor.RowStride), _tensor.Columns);
    }

    /// <inheritdoc/>
    public override string ToString() => _tensor.ToString();

    /// <summary>The same elements, for operations.</summary>
    public static implicit operator Tensor(HostTensor tensor) => tensor._tensor;

    private void CheckSize(int elementBytes)
    {
        if (elementBytes != _tensor.Type.SizeInBytes())
        {
            throw new InvalidOperationException($"{_tensor} has elements of {_tensor.Type.SizeInBytes()} bytes, not {elementBytes}.");
        }
    }
}
