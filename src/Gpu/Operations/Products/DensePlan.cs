using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations.Products;

/// <summary>
/// A dense product of one shape with the algorithm that cuBLASLt's heuristic names for it; never one that was timed, so that every run takes the same.
/// Rows of ours are columns there: it computes resultᵀ = bᵀ aᵀ, and an operand whose rows lie along the sum is (depth, rows) there.
/// </summary>
internal sealed unsafe class DensePlan : IDisposable
{
    private readonly nint _library, _product, _a, _b, _addend, _result;
    private CublasLt.Choice _choice;

    /// <summary>Queries the heuristic for an algorithm.</summary>
    /// <param name="library">cuBLASLt's handle.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="workspaceBytes">Most memory that the algorithm may need.</param>
    /// <param name="multiprocessors">Multiprocessors that it is chosen for; null: all.</param>
    public DensePlan(nint library, DenseShape shape, long workspaceBytes, int? multiprocessors = null)
    {
        _library = library;
        Check(CublasLt.cublasLtMatmulDescCreate(out _product, CublasLt.ComputeFloat32, CublasLt.Float32), "cublasLtMatmulDescCreate");
        (bool aIsAlong, bool bIsAlong) = (shape.Form != ProductForm.BackwardWeight, shape.Form == ProductForm.Forward);
        Describe(CublasLt.TransposeA, bIsAlong ? 1 : 0);
        Describe(CublasLt.TransposeB, aIsAlong ? 0 : 1);
        if (multiprocessors is { } count)
        {
            Describe(CublasLt.Multiprocessors, count);
        }

        int type = shape.ResultIsFloat32 ? CublasLt.Float32 : CublasLt.BFloat16;
        _b = Operand(bIsAlong, shape.Columns, shape.Depth, shape.BStride);
        _a = Operand(aIsAlong, shape.Rows, shape.Depth, shape.AStride);
        _result = Layout(type, shape.Columns, shape.Rows, shape.ResultStride);
        _addend = Layout(type, shape.Columns, shape.Rows, shape.AddendStride == 0 ? shape.ResultStride : shape.AddendStride);
        IsPossible = Choose(workspaceBytes);
    }

    /// <summary>Whether there is an algorithm.</summary>
    public bool IsPossible { get; private set; }

    /// <summary>Enqueues the product.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="product">The product, of the plan's shape.</param>
    /// <param name="workspace">Address of memory that nothing else of the queue uses meanwhile.</param>
    /// <param name="workspaceBytes">Its size.</param>
    /// <returns>False: the library does not take it, and nothing was enqueued.</returns>
    public bool TryEnqueue(CudaQueue queue, Product product, nuint workspace, long workspaceBytes)
    {
        float one = 1, kept = product.Addend.Data == 0 ? 0 : 1;
        nuint addend = product.Addend.Data == 0 ? product.Result.Data : product.Addend.Data;
        int status;
        fixed (CublasLt.Choice* choice = &_choice)
        {
            status = CublasLt.cublasLtMatmul(
                _library, _product, &one, product.B.Data, _b, product.A.Data, _a, &kept, addend, _addend, product.Result.Data, _result, &choice->Algorithm,
                workspace, (nuint)workspaceBytes, queue.Handle);
        }

        if (status is CublasLt.InvalidValue or CublasLt.NotSupported)
        {
            IsPossible = false;
            return false;
        }

        Check(status, $"cublasLtMatmul of {product.Rows} x {product.Columns} x {product.Depth}");
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = CublasLt.cublasLtMatrixLayoutDestroy(_a);
        _ = CublasLt.cublasLtMatrixLayoutDestroy(_b);
        _ = CublasLt.cublasLtMatrixLayoutDestroy(_addend);
        _ = CublasLt.cublasLtMatrixLayoutDestroy(_result);
        _ = CublasLt.cublasLtMatmulDescDestroy(_product);
    }

    /// <summary>Throws unless a call worked.</summary>
    public static void Check(int status, string call)
    {
        if (status != 0)
        {
            throw new CudaException($"{call}: {System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)CublasLt.cublasLtGetStatusString(status))}");
        }
    }

    private static nint Operand(bool isAlong, int rows, int depth, long stride) =>
        isAlong ? Layout(CublasLt.BFloat16, depth, rows, stride) : Layout(CublasLt.BFloat16, rows, depth, stride);

    private static nint Layout(int type, int rows, int columns, long stride)
    {
        Check(CublasLt.cublasLtMatrixLayoutCreate(out nint layout, type, (ulong)rows, (ulong)columns, stride), "cublasLtMatrixLayoutCreate");
        return layout;
    }

    private void Describe(int attribute, int value) =>
        Check(CublasLt.cublasLtMatmulDescSetAttribute(_product, attribute, &value, sizeof(int)), "cublasLtMatmulDescSetAttribute");

    private bool Choose(long workspaceBytes)
    {
        Check(CublasLt.cublasLtMatmulPreferenceCreate(out nint preference), "cublasLtMatmulPreferenceCreate");
        try
        {
            ulong bytes = (ulong)workspaceBytes;
            Check(CublasLt.cublasLtMatmulPreferenceSetAttribute(preference, CublasLt.WorkspaceBytes, &bytes, sizeof(ulong)), "cublasLtMatmulPreferenceSetAttribute");

            // Its other ways to add the parts of a split sum round each to the result's type, or add them in any order.
            uint schemes = CublasLt.InComputeType;
            Check(CublasLt.cublasLtMatmulPreferenceSetAttribute(preference, CublasLt.ReductionSchemes, &schemes, sizeof(uint)), "cublasLtMatmulPreferenceSetAttribute");
            uint alignment = DenseShape.Alignment;
            for (int operand = CublasLt.AlignmentA; operand <= CublasLt.AlignmentD; operand++)
            {
                Check(CublasLt.cublasLtMatmulPreferenceSetAttribute(preference, operand, &alignment, sizeof(uint)), "cublasLtMatmulPreferenceSetAttribute");
            }

            int status = CublasLt.cublasLtMatmulAlgoGetHeuristic(
                _library, _product, _b, _a, _addend, _result, preference, wanted: 1, out _choice, out int found);
            return status == 0 && found > 0 && _choice.Status == 0;
        }
        finally
        {
            _ = CublasLt.cublasLtMatmulPreferenceDestroy(preference);
        }
    }
}
