using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations;

/// <summary>Sizes of kernels in which a thread moves 16 bytes at once.</summary>
internal static class PackedRows
{
    private const int PackBytes = 16, Threads = 256, BlocksPerMultiprocessor = 8;

    /// <summary>Threads of a block.</summary>
    public const int BlockThreads = Threads;

    /// <summary>Bytes of an element.</summary>
    public static int BytesOf(ElementFormat format) => format == ElementFormat.Float32 ? 4 : 2;

    /// <summary>Throws unless columns and views can be moved so.</summary>
    public static void Check(string operation, ElementFormat format, int columns, params ReadOnlySpan<RowView> views)
    {
        int pack = PackBytes / BytesOf(format);
        if (columns < 1 || columns % pack != 0)
        {
            throw new ArgumentException($"{operation}: {columns} columns of {format} are no multiple of {pack}.");
        }

        foreach (RowView view in views)
        {
            if (view.Data % PackBytes != 0 || view.Stride % pack != 0)
            {
                throw new ArgumentException($"{operation}: rows at address {view.Data} with stride {view.Stride} do not begin at multiples of {PackBytes} bytes.");
            }
        }
    }

    /// <summary>Blocks for so many packs: enough to fill the GPU, which then loop.</summary>
    public static GridSize Grid(CudaContext context, int rows, int columns, ElementFormat format)
    {
        long packs = (long)rows * columns / (PackBytes / BytesOf(format));
        return new GridSize((uint)Math.Clamp((packs + Threads - 1) / Threads, 1, (long)context.Device.Multiprocessors * BlocksPerMultiprocessor));
    }
}
