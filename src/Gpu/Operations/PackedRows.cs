using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Operations;

/// <summary>Sizes of kernels in which a thread moves 16 bytes at once.</summary>
internal static class PackedRows
{
    /// <summary>Threads of a block.</summary>
    public const int BlockThreads = 256;

    private const int PackBytes = 16, BlocksPerMultiprocessor = 8;

    /// <summary>Throws unless columns and views can be moved so.</summary>
    public static void Check(string operation, ElementType type, int columns, params ReadOnlySpan<RowView> views)
    {
        int pack = PackBytes / type.SizeInBytes();
        if (columns < 1 || columns % pack != 0)
        {
            throw new ArgumentException($"{operation}: {columns} columns of {type} are no multiple of {pack}.");
        }

        foreach (RowView view in views)
        {
            if (view.Data % PackBytes != 0 || view.Stride % pack != 0)
            {
                throw new ArgumentException($"{operation}: rows at address {view.Data} with stride {view.Stride} do not begin at multiples of {PackBytes} bytes.");
            }
        }
    }

    /// <summary>Elements of 16 bytes.</summary>
    public static int PackOf(ElementType type) => PackBytes / type.SizeInBytes();

    /// <summary>Whether columns and views can be moved so.</summary>
    public static bool CanPack(ElementType type, int columns, params ReadOnlySpan<RowView> views)
    {
        int pack = PackOf(type);
        bool can = columns % pack == 0;
        foreach (RowView view in views)
        {
            can &= view.Data % PackBytes == 0 && view.Stride % pack == 0;
        }

        return can;
    }

    /// <summary>Blocks in which each thread has a pack.</summary>
    public static int Blocks(CudaContext context, int rows, int columns, ElementType type)
    {
        long packs = (long)rows * columns / (PackBytes / type.SizeInBytes());
        return Blocks(context, (packs + BlockThreads - 1) / BlockThreads);
    }

    /// <summary>As many blocks as there is work for, at most enough to fill the GPU: then they loop.</summary>
    public static int Blocks(CudaContext context, long work) => (int)Math.Clamp(work, 1, (long)context.Device.Multiprocessors * BlocksPerMultiprocessor);
}
