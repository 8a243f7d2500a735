using Actors.Gpu.Operations.Products;

namespace Actors.Gpu.Operations;

/// <summary>All kernels of a GPU by family; loaded once, launched on any of its streams.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed class CudaOperations(KernelLibrary library)
{
    /// <summary>The kernels' library.</summary>
    public KernelLibrary Library { get; } = library;

    /// <summary>Rows to other places, or in another type.</summary>
    public MoveKernels Moves { get; } = new(library);

    /// <summary>Sums and SwiGLU.</summary>
    public ByType<ElementwiseKernels> Elementwise { get; } = new(type => new ElementwiseKernels(library, type));

    /// <summary>Sums of rows.</summary>
    public ByType<RowSumKernels> RowSums { get; } = new(type => new RowSumKernels(library, type));

    /// <summary>Rows by expert, and loads.</summary>
    public ExpertSortKernels ExpertSorts { get; } = new(library);

    /// <summary>Rows between ranks.</summary>
    public ExchangeKernels Exchanges { get; } = new(library);

    /// <summary>Rows between ranks that wait for each other's flags.</summary>
    public FlagKernels Flags { get; } = new(library);

    /// <summary>Norms.</summary>
    public ByType<NormKernels> Norms { get; } = new(type => new NormKernels(library, type));

    /// <summary>Embedding.</summary>
    public ByType<EmbedKernels> Embeddings { get; } = new(type => new EmbedKernels(library, type));

    /// <summary>Cross entropy.</summary>
    public ByType<LossKernels> Losses { get; } = new(type => new LossKernels(library, type));

    /// <summary>Next tokens.</summary>
    public DrawKernels Draws { get; } = new(library);

    /// <summary>The end of a step.</summary>
    public OptimizerKernels Optimizer { get; } = new(library);

    /// <summary>The gate.</summary>
    public GateKernels Gate { get; } = new(library);

    /// <summary>The balance loss of a gate.</summary>
    public BalanceKernels Balance { get; } = new(library);

    /// <summary>Rotary embedding.</summary>
    public ByType<RotaryKernels> Rotary { get; } = new(type => new RotaryKernels(library, type));

    /// <summary>Attention over expanded keys and values.</summary>
    public ByType<AttentionKernels> Attention { get; } = new(type => new AttentionKernels(library, type));

    /// <summary>Attention over the compressed cache.</summary>
    public ByType<LatentAttentionKernels> LatentAttention { get; } = new(type => new LatentAttentionKernels(library, type));

    /// <summary>Projections into the compressed cache.</summary>
    public AppendKernels Appends { get; } = new(library);

    /// <summary>Products of few rows.</summary>
    public FewRowKernels FewRows { get; } = new(library);

    /// <summary>Products of float32.</summary>
    public Float32Products Float32Products { get; } = new(library);

    /// <summary>Products of bfloat16.</summary>
    public BFloat16Products BFloat16Products { get; } = new(library);

    /// <summary>Makes operands of such products from float32.</summary>
    public RowRounding Rounding { get; } = new(library);

    /// <summary>Rows to E4M3 and E5M6, and back.</summary>
    public ByType<QuantizeKernels> Quantization { get; } = new(type => new QuantizeKernels(library, type));

    /// <summary>SwiGLU with codes before and behind it.</summary>
    public ByType<SwiGluCodeKernels> SwiGluCodes { get; } = new(type => new SwiGluCodeKernels(library, type));

    /// <summary>Rows of E4M3 transposed.</summary>
    public TokenQuantization TokenQuantization { get; } = new(library);

    /// <summary>Products of E4M3.</summary>
    public QuantizedProducts QuantizedProducts { get; } = new(library);
}
