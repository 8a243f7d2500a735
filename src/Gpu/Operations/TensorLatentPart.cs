using Actors.Gpu.Devices;
using Actors.Gpu.Driver;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Operations;

/// <summary>A part of attention over the compressed cache by tensor cores, bfloat16, for latents of 512 and rotated keys of 64.</summary>
internal sealed class TensorLatentPart
{
    private const string File = "latent_attention_tensor", BulkFile = "latent_attention_bulk";

    // Mirrors of latent_attention_tensor.cu and latent_attention_bulk.cu.
    private const int Latent = 512, Rope = 64, FewHeads = 16, ManyHeads = 64, FewThreads = 128, ManyThreads = 256, PassedRows = 32, ScorePitch = 40, PitchColumns = 8,
        BulkThreads = 160, BulkWarps = 4, BulkStages = 5, BulkStageRows = 16, BulkTileRows = 32;

    private readonly CudaKernel _few;
    private readonly CudaKernel? _many, _bulk;

    public TensorLatentPart(KernelLibrary library)
    {
        _few = library.Kernel(File, $"latent_part_{FewHeads}").WithDynamicShared(SharedBytes(FewHeads));

        if (library.HasOwnPath)
        {
            _bulk = library.Kernel(BulkFile, "latent_part_bulk").WithDynamicShared(BulkSharedBytes);
        }

        // 161 KiB: cards of data centers have it.
        GpuArchitecture architecture = library.Context.Device.Architecture;
        if (architecture is { Major: 8, Minor: 0 } or { Major: 9 or 10 })
        {
            _many = library.Kernel(File, $"latent_part_{ManyHeads}").WithDynamicShared(SharedBytes(ManyHeads));
        }
    }

    /// <summary>Whether it is for these sizes and for rows that begin so.</summary>
    public bool Takes(AttentionShape shape, int latent, RowView q, RowView cache)
    {
        int pack = PackedRows.Elements(ElementType.BFloat16);
        return latent == Latent && shape.RopeColumns == Rope && shape.NopeColumns % pack == 0 && shape.Scale > 0
            && PackedRows.IsAligned(q, ElementType.BFloat16) && PackedRows.IsAligned(cache, ElementType.BFloat16);
    }

    /// <summary>The kernel whose blocks share a tile of cache rows among as many heads as there are.</summary>
    public (CudaKernel Kernel, int BlockHeads, int Threads, int SharedBytes) KernelFor(int heads) =>
        heads > 2 * FewHeads && _many is not null
            ? (_many, ManyHeads, ManyThreads, SharedBytes(ManyHeads))
            : _bulk is not null ? (_bulk, FewHeads, BulkThreads, BulkSharedBytes)
            : (_few, FewHeads, FewThreads, SharedBytes(FewHeads));

    /// <summary>Stages of cache rows, two tiles' scores for each warp, and two barriers a stage.</summary>
    internal static int BulkSharedBytes =>
        BulkStages * BulkStageRows * RowBytes + 2 * BulkWarps * FewHeads * BulkTileRows * sizeof(float) + 2 * BulkStages * sizeof(ulong);

    private static int RowBytes => (Latent + Rope + PitchColumns) * ElementType.BFloat16.SizeInBytes();

    /// <summary>The heads' queries, scores, probabilities and factors, and two tiles of cache rows.</summary>
    internal static int SharedBytes(int heads)
    {
        int element = ElementType.BFloat16.SizeInBytes();
        return heads * (RowBytes + ScorePitch * sizeof(float) + sizeof(float) + (PassedRows + PitchColumns) * element) + 2 * PassedRows * RowBytes;
    }
}
