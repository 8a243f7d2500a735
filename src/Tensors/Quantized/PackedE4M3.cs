namespace Actors.Tensors.Quantized;

/// <summary>
/// Rows in E4M3 whose scales stand behind their codes, so that a row is one run of bytes: as rows travel between expert ranks. A row has a code for each column,
/// bytes without a meaning up to a multiple of 4, and a float32 scale for each tile of 128 columns: 132 bytes for 128 columns.
/// </summary>
/// <param name="Bytes">E4M3 (rows, <see cref="BytesOf"/> the columns), each row at a multiple of 4 bytes.</param>
/// <param name="Columns">Codes of a row.</param>
public readonly record struct PackedE4M3(Tensor Bytes, int Columns)
{
    /// <summary>The codes and the scales, in one part.</summary>
    /// <exception cref="TensorShapeException">The bytes are not rows of so many columns.</exception>
    public QuantizedRows Rows
    {
        get
        {
            int scales = ScalesAt(Columns);
            if (Bytes.Type != ElementType.E4M3 || Bytes.Columns != BytesOf(Columns) || ((Bytes.Offset | (uint)Bytes.RowStride) % sizeof(float)) != 0)
            {
                throw TensorShapeException.Mismatch(
                    "packed rows", "bytes", Bytes, $"{ElementType.E4M3}[any, {BytesOf(Columns)}] for {Columns} columns, rows at multiples of {sizeof(float)} bytes");
            }

            var cuts = new TileCuts(Columns);
            var values = new Tensor(
                Bytes.Buffer, (Bytes.Offset + scales) / sizeof(float), Bytes.Rows, cuts.Count, Bytes.RowStride / sizeof(float), ElementType.Float32);
            return new QuantizedRows(Bytes.ColumnRange(0, Columns), values, cuts);
        }
    }

    /// <summary>Bytes of a row of so many columns.</summary>
    public static int BytesOf(int columns) => checked(ScalesAt(columns) + (TileCuts.Covering(columns) * sizeof(float)));

    private static int ScalesAt(int columns) => (columns + sizeof(float) - 1) / sizeof(float) * sizeof(float);
}
