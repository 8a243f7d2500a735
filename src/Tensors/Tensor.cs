namespace Actors.Tensors;

/// <summary>
/// A view of rows of equal length in a <see cref="DeviceBuffer"/>: element (r, c) lies at
/// <c>Offset + r * RowStride + c</c>. A vector is one row; a stack of matrices is its rows one after the other.
/// Copying a view copies no element. <c>default</c> means "none" where an operation takes an optional tensor. The host reads a
/// <see cref="HostTensor"/>; any other is for operations of its device alone.
/// </summary>
public readonly struct Tensor : IEquatable<Tensor>
{
    private readonly DeviceBuffer? _buffer;

    /// <summary>Views part of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The memory.</param>
    /// <param name="offset">First element, counted in elements of <paramref name="type"/>.</param>
    /// <param name="rows">Number of rows, 0 or more.</param>
    /// <param name="columns">Elements in a row, 0 or more.</param>
    /// <param name="rowStride">Elements from one row's start to the next's; at least <paramref name="columns"/>.</param>
    /// <param name="type">How an element is stored.</param>
    /// <exception cref="ArgumentException">The view would reach outside the buffer.</exception>
    public Tensor(DeviceBuffer buffer, long offset, int rows, int columns, int rowStride, ElementType type)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        // An empty view reaches nowhere: the last, empty group of a view of columns may start past the buffer's end.
        long end = rows == 0 || columns == 0 ? 0 : offset + (long)(rows - 1) * rowStride + columns;
        if (offset < 0 || rows < 0 || columns < 0 || rowStride < columns || end * type.SizeInBytes() > buffer.Bytes)
        {
            throw new ArgumentException(
                $"A view of {rows} x {columns} {type} (row stride {rowStride}) at element {offset} does not fit into a buffer of {buffer.Bytes} bytes.");
        }

        _buffer = buffer;
        Offset = offset;
        Rows = rows;
        Columns = columns;
        RowStride = rowStride;
        Type = type;
    }

    /// <summary>The memory that is viewed.</summary>
    /// <exception cref="InvalidOperationException">This is the absent tensor.</exception>
    public DeviceBuffer Buffer => _buffer ?? throw new InvalidOperationException("The tensor is absent (default), it views no memory.");

    /// <summary>First element, counted in elements.</summary>
    public long Offset { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Elements in a row.</summary>
    public int Columns { get; }

    /// <summary>Elements from one row's start to the next's.</summary>
    public int RowStride { get; }

    /// <summary>How an element is stored.</summary>
    public ElementType Type { get; }

    /// <summary>Whether this is <c>default</c>: no tensor.</summary>
    public bool IsAbsent => _buffer is null;

    /// <summary>Number of elements viewed.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>Whether the rows lie one after the other with no gap.</summary>
    public bool IsContiguous => RowStride == Columns || Rows <= 1;

    /// <summary>Address of the first element, in the device's address space.</summary>
    public nint Pointer => Buffer.Pointer + (nint)(Offset * Type.SizeInBytes());

    /// <summary>Rows <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/> − 1.</summary>
    public Tensor RowRange(int start, int count) =>
        start >= 0 && count >= 0 && start + count <= Rows
            ? new Tensor(Buffer, Offset + (long)start * RowStride, count, Columns, RowStride, Type)
            : throw new ArgumentOutOfRangeException(nameof(start), $"Rows {start}..{start + count} are outside {this}.");

    /// <summary>Columns <paramref name="start"/> .. <paramref name="start"/> + <paramref name="count"/> − 1 of every row.</summary>
    public Tensor ColumnRange(int start, int count) =>
        start >= 0 && count >= 0 && start + count <= Columns
            ? new Tensor(Buffer, Offset + start, Rows, count, RowStride, Type)
            : throw new ArgumentOutOfRangeException(nameof(start), $"Columns {start}..{start + count} are outside {this}.");

    /// <summary>The same elements with another split into rows; the view must be contiguous.</summary>
    public Tensor Reshape(int rows, int columns) =>
        IsContiguous && (long)rows * columns == Count
            ? new Tensor(Buffer, Offset, rows, columns, columns, Type)
            : throw new ArgumentException($"{this} cannot be viewed as {rows} x {columns}.");

    /// <inheritdoc/>
    public bool Equals(Tensor other) =>
        ReferenceEquals(_buffer, other._buffer) && Offset == other.Offset && Rows == other.Rows && Columns == other.Columns
        && RowStride == other.RowStride && Type == other.Type;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_buffer, Offset, Rows, Columns, RowStride, Type);

    /// <inheritdoc/>
    public override string ToString() => IsAbsent ? "no tensor" : $"{Type}[{Rows}, {Columns}]";

    /// <summary>Whether two views are the same.</summary>
    public static bool operator ==(Tensor left, Tensor right) => left.Equals(right);

    /// <summary>Whether two views differ.</summary>
    public static bool operator !=(Tensor left, Tensor right) => !left.Equals(right);
}
