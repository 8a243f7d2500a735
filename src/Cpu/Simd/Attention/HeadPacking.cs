using System.Runtime.CompilerServices;
using Actors.Cpu.Simd.Products;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd.Attention;

/// <summary>Copies one head of strided tensors into dense, padded scratch memory.</summary>
internal static unsafe class HeadPacking
{
    /// <summary>Packs keys as panels of the scores' product: panel columns are keys, steps are elements of a key.</summary>
    public static void Keys(float* key, nint stride, float* rope, nint ropeStride, int rows, AttentionShape shape, float* panels)
    {
        int width = TileDispatch.PanelColumns;
        for (int row = 0; row < rows; row += width)
        {
            int filled = Math.Min(width, rows - row);
            float* panel = panels + (nint)row * shape.QueryColumns;
            PanelPacking.Transpose(key + row * stride, stride, filled, shape.NopeColumns, panel, width);
            PanelPacking.Transpose(
                rope + row * ropeStride, ropeStride, filled, shape.RopeColumns, panel + shape.NopeColumns * width, width);
        }
    }

    /// <summary>Multiplies rows by as many panel columns as <paramref name="columns"/>, rounded up to whole vectors.</summary>
    public static void Multiply(in Strip product, int rows, int columns)
    {
        int lanes = TileDispatch.Lanes;
        int width = TileDispatch.PanelColumns;
        Strips.Multiply<ByRow>(
            product, rows, (columns + lanes - 1) / lanes * lanes, product.B + columns / width * product.BPanel, width);
    }

    /// <summary>Packs rows as panels: panel columns are rows, steps are a row's elements.</summary>
    public static void Transposed(float* source, nint stride, int rows, int columns, float* panels)
    {
        int width = TileDispatch.PanelColumns;
        for (int row = 0; row < rows; row += width)
        {
            PanelPacking.Transpose(
                source + row * stride, stride, Math.Min(width, rows - row), columns, panels + (nint)row * columns, width);
        }
    }

    /// <summary>Copies rows to <paramref name="pad"/> elements each, zeros behind.</summary>
    public static void Rows(float* source, nint stride, int rows, int columns, float* destination, int pad) =>
        PanelPacking.CopyColumns(source, stride, columns, rows, destination, pad);

    /// <summary>Copies keys, without position and with it side by side, to <paramref name="pad"/> elements each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void KeyRows(
        float* key, nint stride, float* rope, nint ropeStride, int rows, AttentionShape shape, float* destination, int pad)
    {
        for (int row = 0; row < rows; row++)
        {
            float* to = destination + (nint)row * pad;
            Lanes.Copy(key + row * stride, to, shape.NopeColumns, shape.NopeColumns);
            Lanes.Copy(rope + row * ropeStride, to + shape.NopeColumns, shape.RopeColumns, pad - shape.NopeColumns);
        }
    }
}
