using System.Runtime.InteropServices;

namespace Actors.Gpu.Operations.Products;

/// <summary>
/// The calls of cuBLASLt that are used, as <c>cublasLt.h</c> of CUDA 12 and 13 declares them; 0 is success. Matrices are stored by columns there.
/// </summary>
internal static unsafe partial class CublasLt
{
    /// <summary>Statuses with which a product is refused: CUBLAS_STATUS_INVALID_VALUE, CUBLAS_STATUS_NOT_SUPPORTED.</summary>
    public const int InvalidValue = 7, NotSupported = 15;

    /// <summary>Products and sums in float32, of float32 or bfloat16 operands: CUBLAS_COMPUTE_32F.</summary>
    public const int ComputeFloat32 = 68;

    /// <summary>Types of elements: CUDA_R_32F, CUDA_R_16BF.</summary>
    public const int Float32 = 0, BFloat16 = 14;

    /// <summary>Of a description: CUBLASLT_MATMUL_DESC_TRANSA and _TRANSB, int32.</summary>
    public const int TransposeA = 3, TransposeB = 4;

    /// <summary>Of a description: CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET, int32: multiprocessors for which an algorithm is chosen.</summary>
    public const int Multiprocessors = 15;

    /// <summary>Of a preference: CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, uint64, and _MIN_ALIGNMENT_A_BYTES to _D_BYTES, uint32.</summary>
    public const int WorkspaceBytes = 1, AlignmentA = 5, AlignmentD = 8;

    /// <summary>Of a preference: CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, uint32.</summary>
    public const int ReductionSchemes = 3;

    /// <summary>Parts of a sum are added in the type of the sum: CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE.</summary>
    public const uint InComputeType = 2;

    private const string Library = "cublasLt";

    [LibraryImport(Library)]
    public static partial byte* cublasLtGetStatusString(int status);

    [LibraryImport(Library)]
    public static partial int cublasLtCreate(out nint handle);

    [LibraryImport(Library)]
    public static partial int cublasLtDestroy(nint handle);

    [LibraryImport(Library)]
    public static partial int cublasLtMatmulDescCreate(out nint description, int computeType, int scaleType);

    [LibraryImport(Library)]
    public static partial int cublasLtMatmulDescDestroy(nint description);

    [LibraryImport(Library)]
    public static partial int cublasLtMatmulDescSetAttribute(nint description, int attribute, void* value, nuint bytes);

    [LibraryImport(Library)]
    public static partial int cublasLtMatrixLayoutCreate(out nint layout, int type, ulong rows, ulong columns, long columnStride);

    [LibraryImport(Library)]
    public static partial int cublasLtMatrixLayoutDestroy(nint layout);

    [LibraryImport(Library)]
    public static partial int cublasLtMatmulPreferenceCreate(out nint preference);

    [LibraryImport(Library)]
    public static partial int cublasLtMatmulPreferenceDestroy(nint preference);

    [LibraryImport(Library)]
    public static partial int cublasLtMatmulPreferenceSetAttribute(nint preference, int attribute, void* value, nuint bytes);

    [LibraryImport(Library)]
    public static partial int cublasLtMatmulAlgoGetHeuristic(
        nint handle, nint description, nint a, nint b, nint c, nint d, nint preference, int wanted, out Choice choice, out int found);

    [LibraryImport(Library)]
    public static partial int cublasLtMatmul(
        nint handle, nint description, float* alpha, nuint a, nint aLayout, nuint b, nint bLayout, float* beta, nuint c, nint cLayout, nuint d, nint dLayout,
        Algorithm* algorithm, nuint workspace, nuint workspaceBytes, nint stream);

    /// <summary>An algorithm with its settings (cublasLtMatmulAlgo_t).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Algorithm
    {
        private fixed ulong _data[8];
    }

    /// <summary>What the heuristic found (cublasLtMatmulHeuristicResult_t).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Choice
    {
        /// <summary>The algorithm.</summary>
        public Algorithm Algorithm;

        /// <summary>Bytes that it needs beside operands and result.</summary>
        public nuint WorkspaceBytes;

        /// <summary>Whether it can be used: a status.</summary>
        public int Status;

        /// <summary>How full the GPU is.</summary>
        public float Waves;

        private fixed int _reserved[4];
    }
}
