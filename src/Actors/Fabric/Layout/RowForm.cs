using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Runtime.Fabric.Layout;

/// <summary>How a row is stored while it travels: as the device's precision stores rows, or as codes with their scales.</summary>
/// <param name="Columns">Elements of a row; of codes with scales the bytes.</param>
/// <param name="Type">Float32 or BFloat16; E4M3: <see cref="PackedE4M3"/>.</param>
public readonly record struct RowForm(int Columns, ElementType Type)
{
    /// <summary>Codes with scales of rows of so many elements.</summary>
    public static RowForm CodesOf(int columns) => new(PackedE4M3.BytesOf(columns), ElementType.E4M3);

    /// <summary>Whether rows are codes with scales.</summary>
    public bool IsCodes => Type == ElementType.E4M3;

    /// <summary>Bytes of a row.</summary>
    public int Bytes => Columns * Type.SizeInBytes();

    /// <summary>Views memory of bytes as contiguous rows of this form.</summary>
    /// <param name="memory">E4M3 (rows, bytes), contiguous, with room for rows of this form; it begins at a multiple of the element's size.</param>
    /// <returns>As many rows.</returns>
    public Tensor In(Tensor memory) => new(memory.Buffer, memory.Offset / Type.SizeInBytes(), memory.Rows, Columns, Columns, Type);
}
